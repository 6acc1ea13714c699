package policy

import (
	"fmt"
	"time"
)

// steadyAfter is how long all pods must be ready for what they lost before that
// to be no longer held against the revision.
const steadyAfter = 10 * time.Minute

// steadyRule convicts a revision whose pods become ready and lose it, again and
// again, at least half of those that have started. Each is ready for long enough
// at a time to be taken for available, so that only adding up shows it. Fewer
// pods than half say nothing, and are not in the way of the bake.
func steadyRule(c *Case) Finding {
	r := c.Revision
	if !unsteadyLike(r) {
		return Finding{}
	}
	var steady time.Time
	if !r.AllReadySince.IsZero() {
		if steady = r.AllReadySince.Add(steadyAfter); !c.At.Before(steady) {
			return Finding{}
		}
	}
	return Finding{
		Level: Convicting, Reason: "NotSteady", WakeAt: steady,
		Message: fmt.Sprintf("%d of %s lost their readiness three times or more, each for two minutes in all", r.Unsteady, count(r.Started, "pod")),
		Failures: append([]Failure{{
			Reason: "NotReady", Pods: r.Unsteady, Nodes: r.Nodes, Count: 3 * r.Unsteady, MaxCount: 3, First: c.began(), Last: c.At,
		}}, evidence(r)...),
	}
}

// unsteadyLike tells whether at least half of a revision's pods are unsteady.
func unsteadyLike(r *Revision) bool { return r.Unsteady > 0 && 2*r.Unsteady >= r.Started }
