package watcher

import (
	"slices"
	"time"
)

// failureKey says which failures are of one kind. The container is the zero
// word where the whole pod is meant.
type failureKey struct {
	kind
	container word
	init      bool
}

// occurrence is what one pod shows of one kind of failure.
type occurrence struct {
	failureKey
	// held says that the failure is a reason to wait: it is over when the
	// container gets past it.
	held bool
	// settled says that the pod has been ready for long since: it no longer
	// shows the failure.
	settled bool
	count   int32
	// first and last are Unix nanoseconds on undog's clock.
	first, last int64
	// exitedAt is Unix seconds on the node's clock.
	exitedAt int64
	message  word
}

// containerMemory is what has been counted already of one container.
type containerMemory struct {
	container word
	init      bool
	backoff   bool
	exits     int32
	waiting   word
}

// evidence is what a pod has shown over time. A pod that never failed has none.
type evidence struct {
	containers []containerMemory
	list       []occurrence
	// notes is what Events said, at most one per reason.
	notes []note
	// firstLook says that the pod's past is only now being read: its exits
	// happened when the node says, not when they are seen.
	firstLook bool
}

// exits is the number of exits that a single status shows.
func (r *podRecord) exits() int32 {
	var n int32
	for i := range r.trouble.all() {
		n += r.trouble.all()[i].exits
	}
	return n
}

// forgiven is the evidence of a pod whose exits so far do not count.
func forgiven(r *podRecord) *evidence {
	e := &evidence{}
	for i := range r.trouble.all() {
		e.memory(&r.trouble.all()[i]).exits = r.trouble.all()[i].exits
	}
	return e
}

// learn takes in a pod's next status. A status seen twice teaches nothing. It
// returns the first container meant to run of which it learnt an exit.
func (e *evidence) learn(at time.Time, next *podRecord) (fell *trouble) {
	for i := range next.trouble.all() {
		t := &next.trouble.all()[i]
		m := e.memory(t)
		if t.exits > m.exits {
			e.learnExits(at, t, t.exits-m.exits)
			m.exits = t.exits
			if t.falls() && (fell == nil || t.exitedAt < fell.exitedAt) {
				fell = t
			}
		}
		if t.waiting != (word{}) {
			e.learnWaiting(at, t, m)
		}
	}
	e.forget(next)
	return fell
}

func (e *evidence) memory(t *trouble) *containerMemory {
	for i := range e.containers {
		m := &e.containers[i]
		if m.container == t.container && m.init == t.init {
			return m
		}
	}
	e.containers = append(e.containers, containerMemory{container: t.container, init: t.init})
	return &e.containers[len(e.containers)-1]
}

// learnExits counts n new exits. Where the status shows the last two, and they
// differ, only one is counted under the last.
func (e *evidence) learnExits(at time.Time, t *trouble, n int32) {
	key := failureKey{container: t.container, init: t.init}
	if n > 1 && t.prev != (kind{}) && t.prev != t.last {
		key.kind = t.prev
		e.add(e.when(at, t), key, n-1).exitedAt = t.exitedAt
		n = 1
	}
	key.kind = t.last
	o := e.add(e.when(at, t), key, n)
	o.message, o.exitedAt = t.exitMessage, t.exitedAt
}

// when is the time to note for an exit: that at which it was seen. An exit from
// before the first look must not pass for a new one.
func (e *evidence) when(at time.Time, t *trouble) time.Time {
	if exit := secondsTime(t.exitedAt); e.firstLook && t.exitedAt != 0 && exit.Before(at) {
		return exit
	}
	return at
}

// learnWaiting counts an appearance of a waiting reason: a change into it. A
// back-off is no attempt; it stands for one only if none was seen.
func (e *evidence) learnWaiting(at time.Time, t *trouble, m *containerMemory) {
	key := failureKey{container: t.container, init: t.init, kind: kind{reason: t.waiting}}
	o := e.find(key)
	switch {
	case o == nil, !t.backoff && (m.waiting != t.waiting || m.backoff):
		if t.container == (word{}) && o != nil {
			// Whole-pod reasons are states, and there may be several at once.
			break
		}
		o = e.add(at, key, 1)
		o.held, o.message = true, t.message
	case !t.backoff:
		o.message = t.message
	}
	m.waiting, m.backoff = t.waiting, t.backoff
}

func (e *evidence) find(key failureKey) *occurrence {
	for i := range e.list {
		if e.list[i].failureKey == key {
			return &e.list[i]
		}
	}
	return nil
}

// add counts n occurrences. A pod that fails in ever new ways is remembered by
// its most frequent ones and the newest.
func (e *evidence) add(at time.Time, key failureKey, n int32) *occurrence {
	o := e.find(key)
	if o == nil {
		if len(e.list) >= maxKinds {
			e.dropRarest()
		}
		e.list = append(e.list, occurrence{failureKey: key, first: at.UnixNano()})
		o = &e.list[len(e.list)-1]
	}
	o.count += n
	o.last = at.UnixNano()
	o.settled = false
	return o
}

func (e *evidence) dropRarest() {
	rarest := 0
	for i := range e.list {
		if e.list[i].count < e.list[rarest].count {
			rarest = i
		}
	}
	e.list = slices.Delete(e.list, rarest, rarest+1)
}

// forget drops the reasons to wait that the pod's containers got past.
func (e *evidence) forget(next *podRecord) {
	for i := range e.containers {
		m := &e.containers[i]
		if !next.heldUp(m.container, m.init) {
			m.waiting, m.backoff = word{}, false
		}
	}
	if next.created {
		e.notes = slices.DeleteFunc(e.notes, func(n note) bool { return n.fleeting() })
	}
	e.list = slices.DeleteFunc(e.list, func(o occurrence) bool {
		if !o.held {
			return false
		}
		if o.container == (word{}) {
			return !slices.ContainsFunc(next.trouble.all(), func(t trouble) bool {
				return t.container == (word{}) && t.waiting == o.reason
			})
		}
		return !next.heldUp(o.container, o.init)
	})
}

// before tells an exit that was before a time.
func (o *occurrence) before(seconds int64) bool {
	return !o.held && o.exitedAt != 0 && o.exitedAt < seconds
}

// heldUp tells whether a container waits because something is wrong.
func (r *podRecord) heldUp(container word, init bool) bool {
	return slices.ContainsFunc(r.trouble.all(), func(t trouble) bool {
		return t.container == container && t.init == init && t.waiting != (word{})
	})
}
