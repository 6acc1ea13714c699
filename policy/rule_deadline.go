package policy

import (
	"fmt"
	"time"
)

// deadlineSlack allows for the controller's clock being behind undog's.
const deadlineSlack = 5 * time.Second

// deadlineRule takes the Deployment controller's own word that a rollout is
// stuck (Progressing=False, ProgressDeadlineExceeded). It is a symptom: without
// a cause in the revision's own pods it convicts nobody. A condition from
// before this rollout began is about another one: going back to an existing
// ReplicaSet does not reset it.
func deadlineRule(c *Case) Finding {
	p := c.Observation.Progressing
	if p.Status != "False" || p.Reason != "ProgressDeadlineExceeded" {
		return Finding{}
	}
	if began := c.began(); p.Updated.Before(began.Add(-deadlineSlack)) {
		return Finding{}
	}
	r := c.Revision
	got := Finding{Level: Suspicious, Reason: "ProgressDeadlineExceeded", Failures: evidence(r), Message: fmt.Sprintf(
		"the rollout made no progress for %s; %d of %s ready", round(c.Observation.ProgressDeadline), r.Ready, count(r.Pods, "pod"))}
	if 2*unready(r) >= max(r.Started, 1) && (len(got.Failures) == 0 || blamed(got.Failures)) {
		got.Level = Convicting
		if n := len(r.Waiting); n > 0 {
			got.Failures = append([]Failure{unreadiness(c, int32(n))}, got.Failures...)
		}
	}
	return got
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

// unready is the number of started pods that are not ready.
func unready(r *Revision) int32 {
	n := r.Started - r.Ready
	for _, f := range r.Failures {
		n = max(n, f.Pods)
	}
	return n
}

// blamed tells whether one of the failures can be the revision's own fault.
func blamed(failures []Failure) bool {
	for _, f := range failures {
		if f.Exited || f.Reason == "CreateContainerConfigError" || f.Reason == "ErrImagePull" && !containsAny(f.Message, imageTrouble) {
			return true
		}
	}
	return false
}
