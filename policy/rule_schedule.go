package policy

import (
	"fmt"
	"time"
)

const (
	// scheduleGrace is how long pods may wait for a node: a cluster autoscaler
	// adds one within five minutes, or not at all.
	scheduleGrace = 5 * time.Minute
	// claimGrace is how long a claim may be missing: it is often created a
	// moment after the workload that names it.
	claimGrace = 45 * time.Second
)

// scheduleRule convicts a revision of which no pod finds a node, if the
// scheduler blames, for every node, something that the release changed: it asks
// for more, for other nodes, or for a claim that is not there. A cluster that
// is merely full says nothing about the revision, and neither does a revision
// of which some pods did find a node: the rest may follow.
func scheduleRule(c *Case) Finding {
	for _, f := range c.Revision.Failures {
		if f.Reason != "Unschedulable" || f.Pods == 0 {
			continue
		}
		found := c.unschedulable(f)
		got := Finding{
			Level: Suspicious, Reason: "Unschedulable", Environment: !found.own, Failures: []Failure{f},
			Message: fmt.Sprintf("%s no node: %s", findNo(f.Pods), f.Message),
		}
		switch {
		case !found.own:
			got.Message += "; the release did not change what every node is blamed for"
			return got
		case c.Revision.Scheduled > 0:
			got.Message += fmt.Sprintf("; the release changed %s, but %s found one", found.what, count(c.Revision.Scheduled, "pod"))
			return got
		}
		got.Message += "; the release changed " + found.what
		return c.after(got, f.First, found.grace)
	}
	return Finding{}
}

func findNo(n int32) string {
	if n == 1 {
		return "1 pod finds"
	}
	return fmt.Sprintf("%d pods find", n)
}
