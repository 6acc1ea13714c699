package policy

import (
	"fmt"
	"time"
)

const (
	// minReadyWithin is the least that a derived readyWithin allows.
	minReadyWithin = 2 * time.Minute
	// slowFactor is how much slower than the slowest pod of a good revision a
	// new one may be.
	slowFactor = 5
)

// readyRule convicts a revision whose pods have started but do not become and
// stay ready in the time they are given. Each pod has its own clock, which
// flapping does not reset; at least half of the started pods must be overdue,
// or a few for very long. Where the revision before had as few ready pods, that
// is how the workload is.
func readyRule(c *Case) Finding {
	r := c.Revision
	within := readyWithin(c)
	overdue, next := overdueBy(c.At, r.Waiting, within)
	if overdue == 0 || 2*overdue < min(r.Started, MaxWaiting) {
		long, due := c.fewUnready(within)
		if long == 0 {
			return Finding{WakeAt: earliest(next, due)}
		}
		overdue, within = long, c.fewWithin(within)
	}
	if until, meant := c.standbys(); meant {
		return Finding{WakeAt: earliest(next, until)}
	}
	shown := append([]Failure{unreadiness(c, overdue)}, evidence(r)...)
	return Finding{Level: Convicting, Reason: "NotReady", WakeAt: next, Failures: shown, Message: fmt.Sprintf(
		"%d of %s started did not become and stay ready within %s", overdue, count(r.Started, "pod"), round(within))}
}

// fewReadyWithin is the least that a few pods of many may take: a node or a
// disk that is at fault has been found by then.
const fewReadyWithin = 10 * time.Minute

// fewWithin is how long a few pods may take where the others did not.
func (c *Case) fewWithin(within time.Duration) time.Duration { return max(fewReadyWithin, 2*within) }

// fewUnready is how many pods, fewer than half, have been unready for very long,
// if these are at least two, spread over more nodes than break at once, with
// nothing of the cluster's to blame, while all pods of the revision before were
// ready, and none that is left is unready for as long. One pod convicts nobody.
// It says when to look again as well.
func (c *Case) fewUnready(within time.Duration) (n int32, due time.Time) {
	r := c.Revision
	long, due := overdueBy(c.At, r.Waiting, c.fewWithin(within))
	if long < 2 || !c.spread() || c.shortBefore() {
		return 0, due
	}
	if c.faulty(func(f Failure) bool { return c.blameOf(f) == environments }) > 0 || c.old(func(old *Revision) bool {
		unready, _ := overdueBy(c.At, old.Waiting, within)
		return unready > 0
	}) {
		return 0, due
	}
	return long, due
}

// spread tells whether unready pods are on more nodes than break at once: on
// more than half of them or, as long as it may have been so from the beginning,
// on three that have few each.
func (c *Case) spread() bool {
	r := c.Revision
	if r.WaitingNodes < 2 || 2*r.WaitingNodes > r.Nodes {
		return r.WaitingNodes >= 2
	}
	complete := c.workload != nil && c.workload.rollout.bakedReplicas > 0
	return !complete && r.WaitingNodes > 2 && int(2*r.WaitingNodes) > len(r.Waiting)
}

// shortBefore tells whether the revision before had pods that were not ready
// when all was as well as it would be.
func (c *Case) shortBefore() bool {
	if c.workload == nil {
		return false
	}
	b := c.workload.rollout.readiness.before
	return b.ready < b.pods
}

// unreadiness is that the n pods that have waited longest are not ready, as a
// failure of its own. It names pods, so that they can be looked at again before
// anything is done: the observation may be an old one.
func unreadiness(c *Case, n int32) Failure {
	r := c.Revision
	return Failure{
		Reason: "NotReady", Pods: n, Nodes: r.WaitingNodes, Count: n, MaxCount: 1, First: r.Waiting[0], Last: c.At,
		Samples: r.WaitingPods[:min(int(n), len(r.WaitingPods))],
	}
}

// evidence is what else the revision's pods show, beside not being ready.
func evidence(r *Revision) []Failure {
	var shown []Failure
	for _, f := range r.Failures {
		if f.Pods > 0 {
			shown = append(shown, f)
		}
	}
	return shown
}

// readyWithin is how long a started pod of the case may take.
func readyWithin(c *Case) time.Duration {
	return derivedReadyWithin(c.Observation, c.Revision, c.Policy)
}

// derivedReadyWithin is what the policy says or, failing that, the largest of
// two minutes, five times the slowest time to ready of any other revision, and
// what the probes themselves allow. The workload's own progress deadline caps
// it, though never below what a good pod may need: a minute, the probes' own
// budget, or twice what others took.
func derivedReadyWithin(o *Observation, rev *Revision, p *Policy) time.Duration {
	if p.ReadyWithin > 0 {
		return p.ReadyWithin
	}
	return max(p.patience, learnedReadyWithin(o, rev))
}

// learnedReadyWithin is the same, whatever the policy says.
func learnedReadyWithin(o *Observation, rev *Revision) time.Duration {
	within, least := minReadyWithin, leastReadyWithin(o, rev)
	slowest, _ := o.slowestOther(rev)
	within = max(within, slowFactor*slowest)
	return capped(max(within, least), least, o.ProgressDeadline)
}

// leastReadyWithin is what a pod may need at least, whatever the workload's
// progress deadline says.
func leastReadyWithin(o *Observation, rev *Revision) time.Duration {
	slowest, _ := o.slowestOther(rev)
	return max(leastCapped, rev.ProbeBudget, 2*slowest)
}
