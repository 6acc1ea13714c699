package policy

import (
	"fmt"
	"time"
)

// oldRecheck is how soon a hold for the old revision's sake is looked at again.
const oldRecheck = 30 * time.Second

// oldFailsTooVeto holds when the revision that is being replaced fails in the
// same way at the same time: then it is not the change that is to blame, and
// going back would not help.
func oldFailsTooVeto(c *Case, f Finding) Veto {
	v := Veto{Message: "no other revision that was in use fails in the same way"}
	c.old(func(r *Revision) bool {
		for _, mine := range f.Failures {
			for _, theirs := range r.Failures {
				if theirs.Pods > 0 && alike(mine, theirs) {
					v = Veto{Holds: true, WakeAt: c.At.Add(oldRecheck), Message: fmt.Sprintf(
						"revision %d fails in the same way (%s in container %s)", r.Number, theirs.Reason, theirs.Container)}
					return true
				}
			}
		}
		if (f.Reason == "NotReady" || f.Reason == "InitStuck") && overdueLike(c, r) || f.Reason == "NotSteady" && unsteadyLike(r) {
			v = Veto{Holds: true, WakeAt: c.At.Add(oldRecheck), Message: fmt.Sprintf(
				"the pods of revision %d are not ready either", r.Number)}
			return true
		}
		return false
	})
	return c.over("OldRevisionFailsToo", f, v)
}

// alike tells whether two failures are of one kind.
func alike(a, b Failure) bool {
	return a.Container == b.Container && a.Reason == b.Reason && a.Exited == b.Exited && a.ExitCode == b.ExitCode
}

// unreadyToo is how long pods of the old revision must have been unready to
// say that something other than the new one is wrong. They had been ready, so
// that it need not be as long as convicts.
const unreadyToo = 30 * time.Second

// overdueLike tells whether at least half of a revision's started pods are
// unready, and have been for long enough to mean something.
func overdueLike(c *Case, r *Revision) bool {
	within := min(readyWithin(c), unreadyToo)
	var overdue int32
	for _, since := range r.Waiting {
		if c.At.Sub(since) >= within {
			overdue++
		}
	}
	return overdue > 0 && 2*overdue >= min(r.Started, MaxWaiting)
}
