package outbox

import (
	"fmt"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy"
)

// LeftError says that Drain ended before the queue was empty.
type LeftError struct {
	Events int
	Err    error
}

// Error says how many events are left.
func (e *LeftError) Error() string {
	return fmt.Sprintf("drain outbox: %d events not published: %v", e.Events, e.Err)
}

// Unwrap returns why Drain ended.
func (e *LeftError) Unwrap() error { return e.Err }

// add queues one transition, or counts it as lost. o.mu is held.
func (o *Outbox) add(t policy.Transition, now time.Time) {
	if _, queued := o.ids[t.ID]; queued || o.told.has(t.ID) {
		return
	}
	durable := t.Kind.Durable()
	if o.lossy || (len(o.queue) >= o.opts.Limit && (!durable || !o.shedOne())) {
		o.lose(durable)
		return
	}
	o.queue = append(o.queue, item{t: t, since: now})
	o.ids[t.ID] = struct{}{}
}

// lose counts a transition that is not queued. A durable one is owed from now
// on, if there is a way to derive it again.
func (o *Outbox) lose(durable bool) {
	if !durable {
		o.stats.Shed++
		return
	}
	o.stats.Forgotten++
	o.lossy = o.opts.Owed != nil
	o.due = o.lossy
}

// shedOne drops the oldest best-effort event but the first, which may be on
// its way, and tells whether there was one.
func (o *Outbox) shedOne() bool {
	for i := 1; i < len(o.queue); i++ {
		if t := o.queue[i].t; !t.Kind.Durable() {
			o.queue = slices.Delete(o.queue, i, i+1)
			delete(o.ids, t.ID)
			o.stats.Shed++
			return true
		}
	}
	return false
}

// head is the transition to publish next.
func (o *Outbox) head() (policy.Transition, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.queue) == 0 {
		return policy.Transition{}, false
	}
	return o.queue[0].t, true
}

// pop takes the first transition off, and says how long it waited. Only Run calls it, after head.
func (o *Outbox) pop(count func(*Stats)) (waited time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	t := o.queue[0].t
	waited = time.Since(o.queue[0].since)
	delete(o.ids, t.ID)
	if t.Kind.Durable() {
		o.told.add(t.ID)
	}
	o.queue[0] = item{}
	o.queue = o.queue[1:]
	o.lastOut = time.Now()
	count(&o.stats)
	if len(o.queue) == 0 {
		o.queue = nil
		close(o.empty)
		o.empty = make(chan struct{})
	}
	return waited
}

// merge puts the missing transitions, sorted by time, into the queue, each
// before the first queued one of the same workload that is not older.
func merge(queue []item, missing []policy.Transition, now time.Time) []item {
	byWorkload := map[string][]int{}
	for i, t := range missing {
		byWorkload[t.Workload.UID] = append(byWorkload[t.Workload.UID], i)
	}
	out := make([]item, 0, len(queue)+len(missing))
	placed := make([]bool, len(missing))
	for _, q := range queue {
		waiting := byWorkload[q.t.Workload.UID]
		for len(waiting) > 0 && !missing[waiting[0]].At.After(q.t.At) {
			out = append(out, item{t: missing[waiting[0]], since: now})
			placed[waiting[0]] = true
			waiting = waiting[1:]
		}
		byWorkload[q.t.Workload.UID] = waiting
		out = append(out, q)
	}
	for i, t := range missing {
		if !placed[i] {
			out = append(out, item{t: t, since: now})
		}
	}
	return out
}
