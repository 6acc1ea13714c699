package policy

import (
	"fmt"
	"time"
)

// deadlineSlack allows for the controller's clock being behind undog's.
const deadlineSlack = 5 * time.Second

// deadlineRule takes the Deployment controller's own word that a rollout is
// stuck (Progressing=False, ProgressDeadlineExceeded). It is a symptom: without
// a cause in the revision's own pods it convicts nobody. A cause is that half
// of the started pods have not been ready for long, with nothing else to blame,
// or failures that can be the revision's own in two pods, or in all that are
// not ready if these are half, or that no pod that is not there can be
// scheduled for what the release changed: a strategy may put up one at a time. A condition from before this rollout began is about another
// one: going back to an existing ReplicaSet does not reset it. Nor does it
// count before the pods have had the least time that any are given: deadlines
// of seconds are set by people who want to be told soon.
func deadlineRule(c *Case) Finding {
	p := c.Observation.Progressing
	if p.Status != "False" || p.Reason != "ProgressDeadlineExceeded" {
		return Finding{}
	}
	began := c.began()
	if p.Updated.Before(began.Add(-deadlineSlack)) {
		return Finding{}
	}
	r := c.Revision
	got := Finding{Level: Suspicious, Reason: "ProgressDeadlineExceeded", Failures: evidence(r), Message: fmt.Sprintf(
		"the rollout made no progress for %s; %d of %s ready", round(c.Observation.ProgressDeadline), r.Ready, count(r.Pods, "pod"))}
	if due := began.Add(leastReadyWithin(c.Observation, r)); c.At.Before(due) {
		got.WakeAt = due
		return got
	}
	if until, meant := c.standbys(); meant {
		got.WakeAt, got.Environment = until, true
		return got
	}
	return c.causeOf(got)
}

// causeOf convicts if there is a cause in the revision's own pods.
func (c *Case) causeOf(got Finding) Finding {
	r := c.Revision
	faults := c.stuck()
	misfit, due := c.misfits()
	idle, next := overdueBy(c.At, r.Waiting, learnedReadyWithin(c.Observation, r))
	half := idle > 0 && 2*idle >= min(r.Started, MaxWaiting)
	switch {
	case half && (faults > 0 || len(got.Failures) == 0), faults >= 2, faults > 0 && faults >= r.Pods-r.Ready && 2*faults >= r.Pods, misfit:
		got.Level = Convicting
		if idle > 0 {
			got.Failures = append([]Failure{unreadiness(c, idle)}, got.Failures...)
		}
	default:
		got.WakeAt, got.Environment = earliest(next, due), faults == 0 && r.Started == r.Ready
	}
	return got
}

// stuck counts the pods that are not ready for something that can be the
// revision's own fault. A pod that is ready may show exits of its start.
func (c *Case) stuck() int32 {
	r := c.Revision
	var others int32
	for _, f := range r.Failures {
		if !c.blamed(f) {
			others += f.Pods
		}
	}
	unstarted := max(0, r.Pods-r.Started-others)
	faults := min(c.faulty(c.startedFault), r.Started-r.Ready+unstarted) + min(c.faulty(c.ripe), r.Pods-r.Started)
	return min(faults, r.Pods-r.Ready)
}

// ripe tells whether a failure can be the revision's own fault and keeps pods
// from starting, and whether one that waits for a node has done so for long enough.
func (c *Case) ripe(f Failure) bool {
	return c.unstartedFault(f) && (f.Reason != "Unschedulable" || c.At.Sub(f.First) >= c.unschedulable(f).grace)
}

// misfits tells whether all pods that are not ready find no node, since the
// release changed what every node is blamed for, and have for as long as they
// may. If only for a shorter time, it says when to look again.
func (c *Case) misfits() (yes bool, due time.Time) {
	r := c.Revision
	for _, f := range r.Failures {
		if f.Reason != "Unschedulable" || f.Pods == 0 {
			continue
		}
		found := c.unschedulable(f)
		if !found.own || f.Pods < r.Pods-r.Ready {
			return false, due
		}
		if due = f.First.Add(found.grace); c.At.Before(due) {
			return false, due
		}
		return true, time.Time{}
	}
	return false, due
}

// began is when the rollout began, by the best clock there is.
func (c *Case) began() time.Time {
	if c.workload.rollout.seen {
		return c.workload.rollout.startedAt
	}
	began := c.Revision.CreatedAt
	for _, rb := range c.Observation.Rollbacks {
		if rb.At.After(began) {
			began = rb.At
		}
	}
	return began
}
