package watcher

import (
	"cmp"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy"
)

// say is the revision as an Observation says it.
func (r *revision) say(minReady time.Duration) policy.Revision {
	out := r.sayIn(r.workload.family())
	c := r.crew
	if c == nil {
		return out
	}
	out.Pods, out.Scheduled, out.Started, out.Ready = c.counted, c.scheduled, c.started, c.ready
	out.Lost, out.Disrupted, out.Unsteady = c.lost, c.disrupted, c.unsteady
	out.Nodes = c.nodeCount()
	out.SlowestReady, out.SlowestInit = c.slowest, c.slowestInit
	out.Digests, out.Incidents = c.digests(), c.sayIncidents()
	if c.ready > 0 {
		c.refresh()
		out.ReadySince = secondsTime(c.oldestReady)
		if c.ready == c.counted {
			out.AllReadySince = secondsTime(c.youngestReady)
		}
	}
	out.Waiting, out.WaitingPods = longest(c.unready, minReady, (*podState).waitingSince)
	out.WaitingNodes, out.Fell = nodesOf(c.unready), fell(c.unready)
	out.Initializing, out.InitializingPods = longest(c.initializing, minReady, (*podState).initSince)
	out.Failures, out.Cut = failures(c.groups)
	return out
}

// sayIn is the revision as far as its ReplicaSet itself goes, in its workload's
// family.
func (r *revision) sayIn(f family) policy.Revision {
	return policy.Revision{
		RevisionRef: r.ref(f),
		CreatedAt:   secondsTime(int64(r.rec.created)),
		ProbeBudget: time.Duration(r.rec.probes) * time.Second,
		Desired:     r.rec.desired,

		ReplicaFailure: r.failure(),
	}
}

// refresh makes the extremes anew if they may be too wide.
func (c *crew) refresh() {
	if !c.stale {
		return
	}
	c.stale = false
	first := true
	for _, p := range c.pods {
		if p.share.has(isReady) {
			c.seeReady(int64(p.clock.readyAt), first)
			first = false
		}
	}
}

// longest lists since when pods are waited for, oldest first and cut there, and
// names the first of them.
func longest(
	pods []*podState, minReady time.Duration, sinceOf func(*podState, time.Duration) int64,
) (since []time.Time, names []string) {
	if len(pods) == 0 {
		return nil, nil
	}
	type wait struct {
		since int64
		name  label
	}
	order := func(a, b wait) int { return cmp.Or(cmp.Compare(a.since, b.since), a.name.compare(b.name)) }
	oldest := make([]wait, 0, min(len(pods), policy.MaxWaiting)+1)
	for _, p := range pods {
		w := wait{sinceOf(p, minReady), p.name()}
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
			names = append(names, w.name.String())
		}
	}
	return since, names
}

// nodesOf counts the nodes of pods.
func nodesOf(pods []*podState) int32 {
	if len(pods) == 0 {
		return 0
	}
	nodes := map[word]struct{}{}
	for _, p := range pods {
		if p.host != nil {
			nodes[p.host.name] = struct{}{}
		}
	}
	return int32(len(nodes)) //nolint:gosec // bounded by the number of nodes
}

// fell counts those of some unready pods that have been ready, or may have been.
func fell(pods []*podState) (n int32) {
	for _, p := range pods {
		if p.clock.mayHaveBeenReady(&p.rec.podStatus, false) {
			n++
		}
	}
	return n
}
