package watcher

// dueTime says that a pod may have settled at a time, in Unix seconds. It may
// be out of date: whoever takes it looks again.
type dueTime struct {
	at  int64
	pod *podState
}

// dueHeap implements heap.Interface.
type dueHeap []dueTime

// Len implements heap.Interface.
func (h dueHeap) Len() int { return len(h) }

// Less implements heap.Interface.
func (h dueHeap) Less(i, j int) bool { return h[i].at < h[j].at }

// Swap implements heap.Interface.
func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *dueHeap) Push(x any) {
	if d, ok := x.(dueTime); ok {
		*h = append(*h, d)
	}
}

// Pop implements heap.Interface.
func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = dueTime{}
	*h = old[:len(old)-1]
	return last
}
