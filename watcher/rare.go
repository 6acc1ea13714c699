package watcher

// rare is a list of which nearly nothing has any: that takes one word
// instead of three.
type rare[T any] struct{ list *[]T }

func (r rare[T]) all() []T {
	if r.list == nil {
		return nil
	}
	return *r.list
}

func (r *rare[T]) set(list []T) {
	r.list = nil
	if len(list) > 0 {
		r.list = &list
	}
}

func (r *rare[T]) add(v T) { r.set(append(r.all(), v)) }
