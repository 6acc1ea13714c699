package policy

import (
	"container/heap"
	"time"
)

// wakeQueue is a heap of workloads by the time at which they want to be judged
// again; ties are broken by UID, so that the order is always the same.
type wakeQueue struct{ items []*workload }

func (q *wakeQueue) Len() int { return len(q.items) }

func (q *wakeQueue) Less(i, j int) bool {
	a, b := q.items[i], q.items[j]
	if !a.wakeAt.Equal(b.wakeAt) {
		return a.wakeAt.Before(b.wakeAt)
	}
	return a.obs.Workload.UID < b.obs.Workload.UID
}

func (q *wakeQueue) Swap(i, j int) {
	q.items[i], q.items[j] = q.items[j], q.items[i]
	q.items[i].queued, q.items[j].queued = i, j
}

// Push implements heap.Interface.
func (q *wakeQueue) Push(x any) {
	w := x.(*workload)
	w.queued = len(q.items)
	q.items = append(q.items, w)
}

// Pop implements heap.Interface.
func (q *wakeQueue) Pop() any {
	last := len(q.items) - 1
	w := q.items[last]
	q.items[last] = nil
	q.items = q.items[:last]
	w.queued = -1
	return w
}

// set files w under at, or takes it out when at is zero.
func (q *wakeQueue) set(w *workload, at time.Time) {
	switch {
	case at.IsZero():
		q.remove(w)
	case w.queued < 0:
		w.wakeAt = at
		heap.Push(q, w)
	case !w.wakeAt.Equal(at):
		w.wakeAt = at
		heap.Fix(q, w.queued)
	}
}

// remove takes w out of the queue.
func (q *wakeQueue) remove(w *workload) {
	if w.queued >= 0 {
		heap.Remove(q, w.queued)
	}
	w.wakeAt = time.Time{}
}

// next is the earliest time in the queue, zero when it is empty.
func (q *wakeQueue) next() time.Time {
	if len(q.items) == 0 {
		return time.Time{}
	}
	return q.items[0].wakeAt
}

// pop takes out the first workload whose time is not after at, nil if there is none.
func (q *wakeQueue) pop(at time.Time) *workload {
	if len(q.items) == 0 || q.items[0].wakeAt.After(at) {
		return nil
	}
	w := heap.Pop(q).(*workload)
	w.wakeAt = time.Time{}
	return w
}
