package watcher

import (
	"slices"
	"time"
)

// revision is a ReplicaSet, known from itself or from a pod that names it.
type revision struct {
	uid string
	// rec is nil until the ReplicaSet itself has been seen.
	rec      *replicaSetRecord
	workload *workload
	// crew is nil while the revision has never had a pod: most have none.
	crew *crew
}

// crew is the pods of a revision and what they add up to.
type crew struct {
	pods []*podState
	// unready holds the pods that have started and are not ready.
	unready []*podState
	// initializing holds the pods that run an init container.
	initializing []*podState
	nodes        map[word]int32
	groups       map[failureKey]*group
	images       []imageCount
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
func (r *revision) join(p *podState) {
	if r.crew == nil {
		r.crew = &crew{nodes: map[word]int32{}, groups: map[failureKey]*group{}}
	}
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
}

// update takes in a pod that contributed something else before.
func (c *crew) update(p *podState, before contribution) { c.change(p, before, p.present()) }

func (c *crew) change(p *podState, before, now contribution) {
	c.countShare(now.share, before.share)
	c.countNode(now.scheduled, now.node, before.scheduled, before.node)
	c.place(p, now.share, before.share)
	c.countImages(before.images, now.images)
	p.rev.rehost(&before, &now)
	c.countFailures(p, before.failures, now.failures, before.node, now.node)
}

func (c *crew) countShare(now, before share) {
	c.counted += b2i(now.counted) - b2i(before.counted)
	c.scheduled += b2i(now.scheduled) - b2i(before.scheduled)
	c.started += b2i(now.started) - b2i(before.started)
	c.ready += b2i(now.ready) - b2i(before.ready)
	c.lost += b2i(now.lost) - b2i(before.lost)
	c.disrupted += b2i(now.disrupted) - b2i(before.disrupted)
	c.unsteady += b2i(now.unsteady) - b2i(before.unsteady)
	c.countReady(now, before)
}

func (c *crew) countNode(now bool, node word, before bool, oldNode word) {
	if now == before && node == oldNode {
		return
	}
	if before {
		if c.nodes[oldNode]--; c.nodes[oldNode] == 0 {
			delete(c.nodes, oldNode)
		}
	}
	if now {
		c.nodes[node]++
	}
}

func (c *crew) countReady(now, before share) {
	if now.ready == before.ready && now.readyAt == before.readyAt {
		return
	}
	if before.ready && (before.readyAt == c.oldestReady || before.readyAt == c.youngestReady) {
		c.stale = true
	}
	if now.ready && !c.stale {
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
	case s.started && !s.ready:
		return &c.unready
	case s.initializing:
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
