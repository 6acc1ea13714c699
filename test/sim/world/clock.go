package world

import (
	"container/heap"
	"time"
)

// Epoch is when every history begins.
var Epoch = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// Clock is virtual time: a queue of events. What is due at the same time
// happens in the order in which it was asked for.
type Clock struct {
	now   time.Time
	queue eventQueue
	asked uint64
}

// NewClock returns a clock that stands at Epoch.
func NewClock() *Clock { return &Clock{now: Epoch} }

// Now is the virtual time.
func (c *Clock) Now() time.Time { return c.now }

// After asks for something to happen after d.
func (c *Clock) After(d time.Duration, what func()) {
	c.asked++
	heap.Push(&c.queue, event{at: c.now.Add(d), order: c.asked, what: what})
}

// Step makes the next event happen, unless none is due by end. Then it moves
// the time to end and returns false.
func (c *Clock) Step(end time.Time) bool {
	if len(c.queue) == 0 || c.queue[0].at.After(end) {
		c.now = end
		return false
	}
	e := heap.Pop(&c.queue).(event)
	c.now = e.at
	e.what()
	return true
}

type event struct {
	at    time.Time
	order uint64
	what  func()
}

// eventQueue implements heap.Interface.
type eventQueue []event

// Len implements heap.Interface.
func (q eventQueue) Len() int { return len(q) }

// Less implements heap.Interface.
func (q eventQueue) Less(i, j int) bool {
	if !q[i].at.Equal(q[j].at) {
		return q[i].at.Before(q[j].at)
	}
	return q[i].order < q[j].order
}

// Swap implements heap.Interface.
func (q eventQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements heap.Interface.
func (q *eventQueue) Push(x any) { *q = append(*q, x.(event)) }

// Pop implements heap.Interface.
func (q *eventQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = event{}
	*q = old[:len(old)-1]
	return last
}
