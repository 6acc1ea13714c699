package watcher

import (
	"cmp"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy"
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
	nodes   map[word]int32
	groups  map[failureKey]*group

	counted, scheduled, started, ready int32
	// oldestReady and youngestReady are extremes of readyAt over the ready
	// pods; stale when one of them may be that of a pod no longer ready.
	oldestReady, youngestReady int64
	stale                      bool
	slowest                    time.Duration
}

// join makes a pod a member that contributes nothing yet.
func (r *revision) join(p *podState) {
	if r.crew == nil {
		r.crew = &crew{nodes: map[word]int32{}, groups: map[failureKey]*group{}}
	}
	p.rev = r
	p.slot, p.unreadySlot = int32(len(r.crew.pods)), absent //nolint:gosec // bounded by the number of pods
	r.crew.pods = append(r.crew.pods, p)
}

// leave takes a pod and everything that it contributes out.
func (c *crew) leave(p *podState) {
	c.countShare(p, share{}, p.share, p.rec.node)
	c.countFailures(p, p.shown(), nil, p.rec.node, word{})
	removeSlot(&c.pods, p.slot, func(moved *podState, i int32) { moved.slot = i })
	p.rev = nil
}

// update takes in a pod whose share, failures and node were others before.
func (c *crew) update(p *podState, before share, shown []occurrence, node word) {
	c.countShare(p, p.share, before, node)
	var list []occurrence
	if p.evidence != nil {
		list = p.evidence.list
	}
	c.countFailures(p, shown, list, node, p.rec.node)
}

func (c *crew) countShare(p *podState, now, before share, oldNode word) {
	c.counted += b2i(now.counted) - b2i(before.counted)
	c.scheduled += b2i(now.scheduled) - b2i(before.scheduled)
	c.started += b2i(now.started) - b2i(before.started)
	c.ready += b2i(now.ready) - b2i(before.ready)
	c.countNode(now.scheduled, p.rec.node, before.scheduled, oldNode)
	c.countReady(now, before)
	c.place(p, now.started && !now.ready)
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

// place puts a pod on or off the list of those that are waited for.
func (c *crew) place(p *podState, unready bool) {
	switch {
	case unready && p.unreadySlot == absent:
		p.unreadySlot = int32(len(c.unready)) //nolint:gosec // bounded by the number of pods
		c.unready = append(c.unready, p)
	case !unready && p.unreadySlot != absent:
		removeSlot(&c.unready, p.unreadySlot, func(moved *podState, i int32) { moved.unreadySlot = i })
		p.unreadySlot = absent
	}
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

// say is the revision as an Observation says it.
func (r *revision) say(minReady time.Duration) policy.Revision {
	out := policy.Revision{
		RevisionRef: r.rec.ref(),
		CreatedAt:   secondsTime(r.rec.created),
		ProbeBudget: r.rec.probes,
	}
	c := r.crew
	if c == nil {
		return out
	}
	out.Pods, out.Scheduled, out.Started, out.Ready = c.counted, c.scheduled, c.started, c.ready
	out.Nodes = int32(len(c.nodes)) //nolint:gosec // bounded by the number of nodes
	out.SlowestReady = c.slowest
	if c.ready > 0 {
		c.refresh()
		out.ReadySince = secondsTime(c.oldestReady)
		if c.ready == c.counted {
			out.AllReadySince = secondsTime(c.youngestReady)
		}
	}
	out.Waiting, out.WaitingPods = c.waiting(minReady)
	out.WaitingNodes = c.waitingNodes()
	out.Failures, out.Cut = failures(c.groups)
	return out
}

// refresh makes the extremes anew if they may be too wide.
func (c *crew) refresh() {
	if !c.stale {
		return
	}
	c.stale = false
	first := true
	for _, p := range c.pods {
		if p.share.ready {
			c.seeReady(p.share.readyAt, first)
			first = false
		}
	}
}

// waiting lists since when the pods are waited for, oldest first and cut there,
// and names the first of them.
func (c *crew) waiting(minReady time.Duration) (since []time.Time, names []string) {
	if len(c.unready) == 0 {
		return nil, nil
	}
	type wait struct {
		since int64
		name  string
	}
	order := func(a, b wait) int { return cmp.Or(cmp.Compare(a.since, b.since), cmp.Compare(a.name, b.name)) }
	oldest := make([]wait, 0, min(len(c.unready), policy.MaxWaiting)+1)
	for _, p := range c.unready {
		w := wait{p.clock.since(minReady), p.rec.name}
		if len(oldest) == policy.MaxWaiting && order(w, oldest[len(oldest)-1]) >= 0 {
			continue
		}
		i, _ := slices.BinarySearchFunc(oldest, w, order)
		oldest = slices.Insert(oldest, i, w)
		if len(oldest) > policy.MaxWaiting {
			oldest = oldest[:policy.MaxWaiting]
		}
	}
	since = make([]time.Time, len(oldest))
	for i, w := range oldest {
		since[i] = secondsTime(w.since)
		if i < policy.MaxSamples {
			names = append(names, w.name)
		}
	}
	return since, names
}

// waitingNodes counts the nodes of the pods that are waited for.
func (c *crew) waitingNodes() int32 {
	if len(c.unready) == 0 {
		return 0
	}
	nodes := map[word]struct{}{}
	for _, p := range c.unready {
		if p.rec.node != (word{}) {
			nodes[p.rec.node] = struct{}{}
		}
	}
	return int32(len(nodes)) //nolint:gosec // bounded by the number of nodes
}
