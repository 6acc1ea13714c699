package policy

import "time"

// Replaced is the revision that the one being judged takes the place of, as it
// is now. Of one whose ReplicaSet was pruned only the RevisionRef is left. It
// is false when there was none.
func (c *Case) Replaced() (Revision, bool) {
	if c.workload == nil || c.workload.rollout.previous.get().UID == "" {
		return Revision{}, false
	}
	ref := c.workload.rollout.previous.get()
	all := c.Observation.Whole().Revisions
	for i := range all {
		if r := &all[i]; r.UID == ref.UID {
			return *r, true
		}
	}
	return Revision{RevisionRef: ref}, true
}

// Changes is what the revision changed against the one that it replaced; empty
// while that is not known. It must not be changed.
func (c *Case) Changes() []Change {
	if c.workload == nil {
		return nil
	}
	return c.workload.rollout.changes
}

// Age is how long undog has been judging the revision, on its own clock.
func (c *Case) Age() time.Duration {
	if c.workload == nil || c.workload.rollout.startedAt.IsZero() {
		return 0
	}
	return max(0, c.At.Sub(c.workload.rollout.startedAt))
}
