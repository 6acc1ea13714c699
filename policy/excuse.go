package policy

import (
	"fmt"
	"time"
)

const (
	// excuseSlack is how long after the end of an outage what was brought about
	// by it may still be seen to happen.
	excuseSlack = 10 * time.Second
	// longestBackOff is how long the kubelet may wait until it tries again.
	longestBackOff = 5*time.Minute + 20*time.Second
)

// excused notes that something other than the release was seen to be to blame.
func (r *rollout) excused(v Veto, at time.Time) {
	if v.over {
		return
	}
	if r.excuses == nil {
		r.excuses = make(map[string]time.Time)
	}
	r.excuses[v.Reason] = at
}

// over is what a veto says of which the reason has just ended: what went wrong
// before that is no evidence. It holds until something has gone wrong since,
// or the pods have had the time that they are given.
func (c *Case) over(name string, f Finding, v Veto) Veto {
	if v.Holds || c.workload == nil {
		return v
	}
	ended, was := c.workload.rollout.excuses[name]
	if !was {
		return v
	}
	due := c.recovered(f, ended)
	if !c.At.Before(due) {
		return v
	}
	return Veto{Holds: true, over: true, WakeAt: due, Message: fmt.Sprintf(
		"until %s it was not the release that was to blame, and nothing shows that it is now", ended.UTC().Format(time.RFC3339))}
}

// recovered is by when pods that were held up by something else must be well
// again, or a time that has passed if one of them exited since.
func (c *Case) recovered(f Finding, ended time.Time) time.Time {
	if f.Reason == "NotSteady" {
		return ended.Add(steadyAfter)
	}
	due := ended.Add(longestBackOff)
	for _, failure := range f.Failures {
		switch {
		case failure.Reason == "NotReady":
			return ended.Add(readyWithin(c))
		case failure.Reason == "InitStuck":
			return ended.Add(initWithin(c))
		case (failure.Exited || failure.Reason == reasonCheckFailed) && failure.Last.After(ended.Add(excuseSlack)):
			due = ended
		}
	}
	return due
}
