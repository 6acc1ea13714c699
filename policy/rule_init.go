package policy

import (
	"fmt"
	"time"
)

const (
	// minInitWithin is the least that an init container may take: migrations
	// take minutes.
	minInitWithin = 5 * time.Minute
	// leastCapped is the least that a workload's own progress deadline may cut
	// any clock of undog's to. Deadlines of seconds are set by people who want to
	// be told soon, not to be undone.
	leastCapped = time.Minute
)

// initRule convicts a revision whose pods do not get past an init container:
// it neither ends nor fails. At least half of the revision's pods must have
// been held there for much longer than any init container of another revision
// took.
func initRule(c *Case) Finding {
	r := c.Revision
	within := initWithin(c)
	overdue, next := overdueBy(c.At, r.Initializing, within)
	if overdue == 0 || 2*overdue < min(r.Pods, MaxWaiting) {
		return Finding{WakeAt: next}
	}
	got := Finding{
		Level: Convicting, Reason: "InitStuck", WakeAt: next,
		Message: fmt.Sprintf("%d of %s held by an init container that has not ended within %s",
			overdue, count(r.Pods, "pod"), round(within)),
		Failures: []Failure{{
			Reason: "InitStuck", Init: true, Pods: overdue, Nodes: min(overdue, r.Nodes), Count: overdue, MaxCount: 1,
			First: r.Initializing[0], Last: c.At, Samples: r.InitializingPods[:min(int(overdue), len(r.InitializingPods))],
		}},
	}
	if c.old(func(old *Revision) bool { n, _ := overdueBy(c.At, old.Initializing, within); return n > 0 }) {
		got.Level, got.Environment = Suspicious, true
		got.Message += "; so are pods of another revision"
	}
	return got
}

// initWithin is how long one init container of the case may take.
func initWithin(c *Case) time.Duration {
	_, slowest := c.Observation.slowestOther(c.Revision)
	return capped(max(minInitWithin, slowFactor*slowest), leastCapped, c.Observation.ProgressDeadline)
}

// capped is a span cut to the workload's own progress deadline, if it has one,
// but never below the least.
func capped(within, least, deadline time.Duration) time.Duration {
	if deadline <= 0 {
		return within
	}
	return min(within, max(deadline, least))
}

// overdueBy counts the times that are further back than a span, and says when
// the next will be.
func overdueBy(at time.Time, times []time.Time, within time.Duration) (overdue int32, next time.Time) {
	for _, since := range times {
		if at.Sub(since) >= within {
			overdue++
		} else {
			next = earliest(next, since.Add(within))
		}
	}
	return overdue, next
}
