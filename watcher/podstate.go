package watcher

import (
	"slices"
	"time"
)

// podState is a pod with its memory, and its place in its revision.
type podState struct {
	kept
	// rec is what it showed last.
	rec      podShown
	rev      *revision
	host     *node
	evidence *evidence
	clock    clock
	// ending is what its name has behind that of its ReplicaSet.
	ending ending
	// slot, waitSlot and hostSlot are the pod's places in its revision's list,
	// in one of the two lists of those that are waited for, and in its node's.
	slot, waitSlot, hostSlot int32
	// share is what it adds to the counts of its revision.
	share share
	// known says that it has been seen.
	known bool
	// fallen says that the pod has had its Incident.
	fallen bool
}

// share is what a pod adds to the counts of its revision, with a bit for each.
type share uint16

const (
	isCounted share = 1 << iota
	isScheduled
	isStarted
	isReady
	isLost
	isDisrupted
	// isInitializing says that an init container is running.
	isInitializing
	// isExposed says that the pod has started and had no Incident yet.
	isExposed
	// isUnsteady says that the pod lost its readiness again and again.
	isUnsteady
)

func (s share) has(what share) bool { return s&what != 0 }

// with is the share with what there is, if there is.
func (s share) with(what share, there bool) share {
	if there {
		return s | what
	}
	return s
}

// contribution is everything that a pod adds to its revision.
type contribution struct {
	share
	// readyAt is when the Ready condition last changed, never later than it
	// was first seen.
	readyAt      int64
	node, images word
	failures     []occurrence
}

// news is what a status brought that is told once.
type news struct {
	// ready is how long the pod took until it was first ready, 0 if that is not news.
	ready time.Duration
	// init is the longest time that an init container took that ended well.
	init time.Duration
	// fall is the pod's first exit, nil if that is not news.
	fall *incident
}

// absent is the slot of a pod that is not in a list.
const absent = -1

// observe takes in the pod's next status. The revision's sums are not touched.
func (p *podState) observe(at time.Time, next *podRecord) news {
	var old *podStatus
	if p.known {
		old = new(p.rec.podStatus)
	}
	p.clock.observe(at, old, next)
	var n news
	if took, ok := p.clock.firstReady(at, old, next); ok && !next.void {
		n.ready = took
	}
	if !next.void {
		n.init = next.credible(at, time.Duration(next.initTook)*time.Second)
	}
	p.rec, p.known = next.podShown, true
	var fell *trouble
	switch {
	case next.void:
		p.evidence = nil
	case old == nil && next.reprieved, old != nil && old.void:
		// A disruption was called off. What the pod did until then is forgiven.
		p.evidence = forgiven(next)
		p.evidence.learn(at, next)
	default:
		fell = p.gather(at, old, next)
	}
	if fell != nil && !p.fallen {
		p.fallen = true
		n.fall = p.incidentOf(at, fell, next, old == nil)
	}
	return n
}

// gather keeps the pod's evidence up, and returns the exit that it learnt of.
func (p *podState) gather(at time.Time, old *podStatus, next *podRecord) *trouble {
	if p.evidence == nil {
		if len(next.trouble.all()) == 0 {
			return nil
		}
		p.evidence = &evidence{}
	}
	e := p.evidence
	if old != nil && old.ready && old.readyAt != next.readyAt {
		e.settle(int64(old.readyAt), int64(next.readyAt))
	}
	e.firstLook = old == nil
	fell := e.learn(at, next)
	if old == nil {
		// It may have been ready all the time until the condition last changed.
		e.settle(0, int64(next.readyAt))
	}
	if next.ready {
		e.settle(int64(p.clock.readyAt), at.Unix())
	}
	return fell
}

// keep keeps who the pod is, which its revision must have adopted.
func (p *podState) keep(id *identity) {
	var plain bool
	p.ending, plain = endingOf(id.name)
	p.kept.keep(id, p.family(), plain)
}

// family is that of its revision's pods.
func (p *podState) family() family {
	if p.rev == nil {
		return family{}
	}
	return p.rev.crew.family
}

// identity is who it is.
func (p *podState) identity() identity { return p.whole(p.family(), p.ending.label(p.family().stem)) }

// name is its name.
func (p *podState) name() label {
	if p.odd != nil {
		return p.odd.name
	}
	return p.ending.label(p.family().stem)
}

// node is the name of its node, the zero word without one.
func (p *podState) node() word {
	if p.host == nil {
		return word{}
	}
	return p.host.name
}

func (p *podState) shareNow() share {
	r := &p.rec
	switch {
	case p.host.lost():
		return isLost
	case r.void:
		return isDisrupted
	case r.finished:
		return 0
	}
	started := p.clock.start != 0
	return isCounted.
		with(isScheduled, p.host != nil).
		with(isStarted, started).
		with(isReady, r.ready).
		with(isInitializing, !started && p.clock.initAt != 0).
		with(isExposed, started && !p.fallen).
		// What its node's going away took from it does not count.
		with(isUnsteady, p.clock.unsteady() && p.host.returned() <= int64(p.clock.start))
}

// contribution is what the pod adds now, in a form that outlives a change.
func (p *podState) contribution() contribution {
	if !p.known {
		return contribution{}
	}
	c := p.present()
	c.failures = slices.Clone(c.failures)
	return c
}

// present is what the pod adds now.
func (p *podState) present() contribution {
	c := contribution{share: p.share, readyAt: int64(p.clock.readyAt), node: p.node(), failures: p.showing()}
	if p.share.has(isCounted) {
		c.images = p.rec.images
	}
	return c
}

// showing is what the pod shows of failures. A pod on a lost node shows none,
// and exits from before its node came back are the node's doing.
func (p *podState) showing() []occurrence {
	e := p.evidence
	if e == nil || p.host.lost() {
		return nil
	}
	back := p.host.returned()
	if len(e.notes) == 0 && !slices.ContainsFunc(e.list, func(o occurrence) bool { return o.before(back) }) {
		return e.list
	}
	out := make([]occurrence, 0, len(e.list)+1)
	for _, o := range e.list {
		if o.before(back) {
			continue
		}
		if o.message == (word{}) && !o.held {
			o.message = e.probeNote(&o)
		}
		out = append(out, o)
	}
	return append(out, e.stuck(&p.rec.podStatus, p.node())...)
}

// waitingSince is since when a started, unready pod has been without sustained
// readiness; its node must have been there all the time.
func (p *podState) waitingSince(minReady time.Duration) int64 {
	return max(p.clock.since(minReady), p.host.returned())
}

// initSince is since when the pod has been running its init container.
func (p *podState) initSince(time.Duration) int64 {
	return max(int64(p.clock.initAt), p.host.returned())
}
