package kubeevents

import "container/list"

// recent is a map that forgets what was not asked for longest when it is full.
type recent[K comparable, V any] struct {
	limit int
	order list.List
	at    map[K]*list.Element
}

type kept[K comparable, V any] struct {
	key   K
	value V
}

func newRecent[K comparable, V any](limit int) *recent[K, V] {
	return &recent[K, V]{limit: limit, at: map[K]*list.Element{}}
}

func (r *recent[K, V]) get(key K) (V, bool) {
	e, ok := r.at[key]
	if !ok {
		var none V
		return none, false
	}
	r.order.MoveToFront(e)
	return e.Value.(kept[K, V]).value, true
}

func (r *recent[K, V]) put(key K, value V) {
	if e, ok := r.at[key]; ok {
		e.Value = kept[K, V]{key, value}
		r.order.MoveToFront(e)
		return
	}
	if r.order.Len() >= r.limit {
		oldest := r.order.Back()
		delete(r.at, oldest.Value.(kept[K, V]).key)
		r.order.Remove(oldest)
	}
	r.at[key] = r.order.PushFront(kept[K, V]{key, value})
}

// forget drops what was not asked for longest, as long as that is of no use any more.
func (r *recent[K, V]) forget(useless func(V) bool) {
	for e := r.order.Back(); e != nil; e = r.order.Back() {
		k := e.Value.(kept[K, V])
		if !useless(k.value) {
			return
		}
		delete(r.at, k.key)
		r.order.Remove(e)
	}
}

func (r *recent[K, V]) drop(key K) {
	if e, ok := r.at[key]; ok {
		delete(r.at, key)
		r.order.Remove(e)
	}
}
