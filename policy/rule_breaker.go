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
	grace := max(breakerGrace, readyWithin(c)/2)
	unwell, next := overdueBy(c.At, r.Waiting, grace)
	failed := c.remembered()
	var shown []Failure
	for _, f := range r.Failures {
		if f.Pods == 0 || !c.blamed(f) {
			continue
		}
		shown = append(shown, f)
		if f.started() {
			continue
		}
		// These pods never started, and have no clock of their own.
		failed += float64(f.Pods)
		if c.At.Sub(f.First) >= grace {
			unwell += f.Pods
		} else {
			next = earliest(next, f.First.Add(grace))
		}
	}
	unwell = min(unwell, r.Pods-r.Ready)
	n := min(int32(math.Ceil(failed)), unwell)
	threshold := c.threshold()
	if len(shown) == 0 || failed < breakerLeast {
		return Finding{}
	}
	if n < threshold {
		return Finding{WakeAt: next}
	}
	return Finding{Level: Convicting, Reason: "TooManyFailures", Failures: shown, WakeAt: next, Message: fmt.Sprintf(
		"%d of %s asked for have failed in %s and not been well for %s; %d convict",
		n, count(c.desired(), "pod"), count(int32(len(shown)), "way"), round(grace), threshold)} //nolint:gosec // at most MaxFailures
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
