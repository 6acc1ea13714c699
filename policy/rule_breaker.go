package policy

import (
	"fmt"
	"math"
	"time"
)

const (
	// breakerLeast and breakerMost bound how many pods must fail.
	breakerLeast, breakerMost = 3, 40
	// breakerHalfLife is how fast failures are forgotten.
	breakerHalfLife = 10 * time.Minute
	// breakerGrace is the least that a pod must have been failing: a start-up
	// race is won on the third try, within a minute.
	breakerGrace = 2 * time.Minute
)

// breakerRule is the coarse part of Layer 2, for failures so mixed that no
// other rule sees half of the pods fail in one way. It counts distinct pods of
// the revision that have failed, in whatever way, and are not well: half of
// those that are asked for, at least three. The formula is that of the
// deployment circuit breaker of Amazon ECS, except that failures are forgotten
// by halves instead of all at once when one pod does well.
//
// A pod that is ready now does not count, whatever it did on its way there. Of
// one or two pods the threshold is never reached: there a pod counts by its
// repeated exits, which is crashRule's.
func breakerRule(c *Case) Finding {
	r := c.Revision
	if _, meant := c.standbys(); meant {
		return Finding{}
	}
	threshold := c.threshold()
	if r.Pods-r.Ready < threshold {
		return Finding{}
	}
	grace := max(breakerGrace, readyWithin(c)/2)
	unwell, next := overdueBy(c.At, r.Waiting, grace)
	shown, fresh := c.held(grace)
	next = earliest(next, fresh)
	failed := int32(math.Ceil(c.remembered()))
	if fresh.IsZero() {
		// These pods never started, and have no clock of their own.
		unstarted := c.faulty(c.brokenBefore)
		failed, unwell = failed+unstarted, unwell+unstarted
	}
	n := min(failed, unwell, r.Pods-r.Ready)
	if len(shown) == 0 || n < threshold {
		return Finding{WakeAt: next}
	}
	return Finding{Level: Convicting, Reason: "TooManyFailures", Failures: shown, WakeAt: next, Message: fmt.Sprintf(
		"%d of %s asked for have failed in %s and not been well for %s; %d convict",
		n, count(c.desired(), "pod"), count(int32(len(shown)), "way"), round(grace), threshold)} //nolint:gosec // at most MaxFailures
}

// held lists the failures that can be the revision's own, and says when the
// youngest of those that keep pods from starting has stood for a grace, zero if
// all have.
func (c *Case) held(grace time.Duration) (shown []Failure, fresh time.Time) {
	for _, f := range c.Revision.Failures {
		before := c.brokenBefore(f)
		if f.Pods == 0 || !before && !c.startedFault(f) {
			continue
		}
		shown = append(shown, f)
		if due := f.First.Add(grace); before && c.At.Before(due) {
			fresh = latest(fresh, due)
		}
	}
	return shown, fresh
}

// brokenBefore tells whether a failure can be the revision's own fault and
// keeps pods from starting. One that has no node yet has not failed: that takes
// longer, and scheduleRule waits for it. Nor has one that exits on its way up no
// more often than was usual before the release.
func (c *Case) brokenBefore(f Failure) bool {
	return c.unstartedFault(f) && f.Reason != "Unschedulable" && (!f.Exited || f.MaxCount > c.usual(f))
}

// threshold is how many pods must fail.
func (c *Case) threshold() int32 {
	return min(max(breakerLeast, (c.desired()+1)/2), breakerMost)
}

// remembered is how many pods failed lately, those of a half-life ago as half.
// What was there at the first look happened nobody knows when.
func (c *Case) remembered() float64 {
	var sum float64
	for _, in := range c.Revision.Incidents {
		if !in.At.IsZero() {
			sum += math.Exp2(-max(0, c.At.Sub(in.At).Minutes()) / breakerHalfLife.Minutes())
		}
	}
	return sum
}
