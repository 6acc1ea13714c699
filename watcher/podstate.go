package watcher

import (
	"slices"
	"time"
)

// podState is a pod with its memory, and its place in its revision.
type podState struct {
	rec      *podRecord
	rev      *revision
	clock    clock
	evidence *evidence
	share    share
	// slot and unreadySlot are the pod's places in its revision's lists.
	slot, unreadySlot int32
	// due is the last time put in the queue of times to settle.
	due int64
}

// share is what a pod adds to the counts of its revision.
type share struct {
	counted, scheduled, started, ready bool
	// readyAt is when the Ready condition last changed, never later than it
	// was first seen.
	readyAt int64
}

// absent is the slot of a pod that is not in a list.
const absent = -1

// observe takes in the pod's next status. The revision's sums are not touched.
func (p *podState) observe(at time.Time, next *podRecord) (firstReady time.Duration) {
	old := p.rec
	p.clock.observe(at, old, next)
	if took, ok := p.clock.firstReady(at, old, next); ok && !next.void {
		firstReady = took
	}
	p.rec = next
	p.share = p.shareNow()
	switch {
	case next.void:
		p.evidence = nil
	case old == nil && next.reprieved, old != nil && old.void:
		// A disruption was called off. What the pod did until then is forgiven.
		p.evidence = forgiven(next)
		p.evidence.learn(at, next)
	default:
		p.gather(at, old, next)
	}
	return firstReady
}

// gather keeps the pod's evidence up.
func (p *podState) gather(at time.Time, old, next *podRecord) {
	if p.evidence == nil {
		if len(next.trouble) == 0 {
			return
		}
		p.evidence = &evidence{}
	}
	e := p.evidence
	if old != nil && old.ready && old.readyAt != next.readyAt {
		e.settle(old.readyAt, next.readyAt)
	}
	e.firstLook = old == nil
	e.learn(at, next)
	if old == nil {
		// It may have been ready all the time until the condition last changed.
		e.settle(0, next.readyAt)
	}
	if next.ready {
		e.settle(next.readyAt, at.Unix())
	}
}

func (p *podState) shareNow() share {
	r := p.rec
	if r.void || r.finished {
		return share{}
	}
	return share{
		counted:   true,
		scheduled: r.node != (word{}),
		started:   p.clock.start != 0,
		ready:     r.ready,
		readyAt:   p.clock.readyAt,
	}
}

// shown is what the pod contributes to its revision's failures.
func (p *podState) shown() []occurrence {
	if p.evidence == nil {
		return nil
	}
	return slices.Clone(p.evidence.list)
}
