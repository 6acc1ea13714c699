package policy

// apart is a value kept apart from what has it, since most never do: until it is
// set it takes a word. Copies share it, so that a new one is set, and none changed
// that was set before.
type apart[T any] struct{ value *T }

// get is the zero value until one is set.
func (a apart[T]) get() T {
	if a.value == nil {
		var none T
		return none
	}
	return *a.value
}

// set sets the value.
func (a *apart[T]) set(value T) { a.value = &value }

// change sets what f makes of the value.
func (a *apart[T]) change(f func(*T)) {
	value := a.get()
	f(&value)
	a.set(value)
}
