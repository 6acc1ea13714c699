package watcher

import (
	"slices"
	"time"

	"github.com/undog-dev/undog/policy"
)

// revision is a ReplicaSet, known from itself or from a pod that names it.
type revision struct {
	kept
	// rec is what the ReplicaSet says; nothing until it has been seen.
	rec replicaSetSpec
	// workload is nil until then.
	workload *workload
	// crew is nil while the revision has never had a pod: most have none.
	crew *crew
	// tail and size are what its name has behind that of its Deployment.
	tail [maxTail]byte
	size uint8
	// generation is its record's.
	generation uint32
}

// known tells whether the ReplicaSet itself has been seen.
func (r *revision) known() bool { return r.workload != nil }

// keep keeps what a ReplicaSet says now. Its workload must have adopted it.
func (r *revision) keep(rec *replicaSetRecord) {
	r.kept.keep(&rec.identity, r.workload.family(), rec.name.size > 0 && rec.hash == (word{}) && rec.failure == nil)
	if r.odd != nil {
		r.odd.hash, r.odd.failure = rec.hash, rec.failure
	}
	r.tail, r.size, r.generation = rec.name.tail, rec.name.size, rec.generation
	r.rec = rec.replicaSetSpec
}

// forget takes back what the ReplicaSet said. Its UID stays: pods may name it.
func (r *revision) forget() {
	r.kept, r.rec = kept{uid: r.uid}, replicaSetSpec{}
}

// identity is who the ReplicaSet is.
func (r *revision) identity() identity { return r.whole(r.workload.family(), r.name()) }

// name is its name.
func (r *revision) name() label { return r.nameIn(r.workload.family()) }

// nameIn is its name in its workload's family.
func (r *revision) nameIn(f family) label {
	if r.odd != nil {
		return r.odd.name
	}
	return label{stem: f.stem, tail: r.tail, size: r.size}
}

// hash is its pod-template-hash where it is not the end of its name.
func (r *revision) hash() word {
	if r.odd == nil {
		return word{}
	}
	return r.odd.hash
}

// failure is why its pods cannot be created, nil as long as they can.
func (r *revision) failure() *policy.Condition {
	if r.odd == nil {
		return nil
	}
	return r.odd.failure
}

// says tells whether a ReplicaSet says what is kept of it already.
func (r *revision) says(rec *replicaSetRecord) bool {
	failure := r.failure()
	return r.rec == rec.replicaSetSpec && r.hash() == rec.hash &&
		(failure == rec.failure || failure != nil && rec.failure != nil && *failure == *rec.failure)
}

// crew is the pods of a revision and what they add up to.
type crew struct {
	family
	pods []*podState
	// unready holds the pods that have started and are not ready.
	unready []*podState
	// initializing holds the pods that run an init container.
	initializing []*podState
	// nodes is nil as long as the pods are few.
	nodes map[word]int32
	// groups is nil until a pod has failed.
	groups map[failureKey]*group
	images []imageCount
	// incidents are sorted, and also those of pods that are gone.
	incidents []*incident

	counted, scheduled, started, ready int32
	lost, disrupted, unsteady          int32
	// oldestReady and youngestReady are extremes of readyAt over the ready
	// pods; stale when one of them may be that of a pod no longer ready.
	oldestReady, youngestReady int64
	stale                      bool
	slowest, slowestInit       time.Duration
}

// join makes a pod a member that contributes nothing yet.
func (r *revision) join(p *podState, id *identity) {
	if r.crew == nil {
		r.crew = &crew{}
	}
	r.crew.tallyNodes()
	r.crew.adopt(id)
	p.rev = r
	p.slot = int32(len(r.crew.pods)) //nolint:gosec // bounded by the number of pods
	r.crew.pods = append(r.crew.pods, p)
}

// leave takes a pod and everything that it contributes out.
func (c *crew) leave(p *podState) {
	c.change(p, p.contribution(), contribution{})
	c.bury(p)
	removeSlot(&c.pods, p.slot, func(moved *podState, i int32) { moved.slot = i })
	p.rev = nil
	if len(c.pods) == 0 {
		// The room goes with the last pod: old revisions are many.
		c.pods, c.unready, c.initializing, c.images, c.nodes, c.groups = nil, nil, nil, nil, nil, nil
	}
}

// update takes in a pod that contributed something else before.
func (c *crew) update(p *podState, before contribution) { c.change(p, before, p.present()) }

func (c *crew) change(p *podState, before, now contribution) {
	c.countShare(now.share, before.share)
	c.countReady(&now, &before)
	c.countNode(now.has(isScheduled), now.node, before.has(isScheduled), before.node)
	c.place(p, now.share, before.share)
	c.countImages(before.images, now.images)
	p.rev.rehost(&before, &now)
	c.countFailures(p, before.failures, now.failures, before.node, now.node)
}

func (c *crew) countShare(now, before share) {
	more := func(what share) int32 { return b2i(now.has(what)) - b2i(before.has(what)) }
	c.counted += more(isCounted)
	c.scheduled += more(isScheduled)
	c.started += more(isStarted)
	c.ready += more(isReady)
	c.lost += more(isLost)
	c.disrupted += more(isDisrupted)
	c.unsteady += more(isUnsteady)
}

func (c *crew) countReady(now, before *contribution) {
	if now.has(isReady) == before.has(isReady) && now.readyAt == before.readyAt {
		return
	}
	if before.has(isReady) && (before.readyAt == c.oldestReady || before.readyAt == c.youngestReady) {
		c.stale = true
	}
	if now.has(isReady) && !c.stale {
		c.seeReady(now.readyAt, c.ready == 1)
	}
}

func (c *crew) seeReady(at int64, first bool) {
	if first || at < c.oldestReady {
		c.oldestReady = at
	}
	if first || at > c.youngestReady {
		c.youngestReady = at
	}
}

// place moves a pod between the lists of those that are waited for.
func (c *crew) place(p *podState, now, before share) {
	from, to := c.listFor(before), c.listFor(now)
	if from == to {
		return
	}
	if from != nil {
		removeSlot(from, p.waitSlot, func(moved *podState, i int32) { moved.waitSlot = i })
		p.waitSlot = absent
	}
	if to != nil {
		p.waitSlot = int32(len(*to)) //nolint:gosec // bounded by the number of pods
		*to = append(*to, p)
	}
}

// listFor is the list that a pod with this share belongs on, nil for none.
func (c *crew) listFor(s share) *[]*podState {
	switch {
	case s.has(isStarted) && !s.has(isReady):
		return &c.unready
	case s.has(isInitializing):
		return &c.initializing
	}
	return nil
}

// removeSlot fills a place with the last of the list.
func removeSlot(list *[]*podState, slot int32, place func(*podState, int32)) {
	l := *list
	last := len(l) - 1
	l[slot] = l[last]
	place(l[slot], slot)
	l[last] = nil
	*list = l[:last]
}

func (c *crew) countFailures(p *podState, before, now []occurrence, oldNode, node word) {
	for _, o := range before {
		gone := !slices.ContainsFunc(now, func(n occurrence) bool { return n.failureKey == o.failureKey })
		if g := c.groups[o.failureKey]; gone || node != oldNode {
			g.remove(p, oldNode)
			if len(g.members) == 0 {
				delete(c.groups, o.failureKey)
			}
		}
	}
	for _, o := range now {
		g := c.groups[o.failureKey]
		if g == nil {
			g = &group{members: map[*podState]occurrence{}, nodes: map[word]int32{}}
			if c.groups == nil {
				c.groups = map[failureKey]*group{}
			}
			c.groups[o.failureKey] = g
		}
		if had, ok := g.members[p]; !ok || had != o {
			g.put(p, o, node)
		}
	}
}

func b2i(b bool) int32 {
	if b {
		return 1
	}
	return 0
}
