package policy

import (
	"fmt"
	"time"

	"github.com/undog-dev/undog/policy/eprocess"
)

// CheckState is what one check has shown of the current revision, and when it
// is played.
type CheckState struct {
	CheckEvidence
	// Threshold is how many to one convicts, and Standing says in words how the
	// evidence stands.
	Threshold int64  `json:"threshold"`
	Standing  string `json:"standing"`
	// Playing says that a play is under way; Next is when the next one is due,
	// zero if none is.
	Playing bool      `json:"playing,omitempty"`
	Next    time.Time `json:"next,omitzero"`
	// Pace says in words how often the check is played now.
	Pace string `json:"pace"`
}

// explainChecks lists every check that is for the workload.
func (c *Case) explainChecks() []CheckState {
	var list []CheckState
	k := c.workload.rollout.checks
	if k == nil {
		// The rollout has not begun, or no check is for the workload.
		for _, check := range c.engine.checksOf(c.Observation) {
			list = append(list, c.explainCheck(&checked{check: check}))
		}
		return list
	}
	for _, one := range k.list {
		list = append(list, c.explainCheck(one))
	}
	return list
}

func (c *Case) explainCheck(one *checked) CheckState {
	x := CheckState{CheckEvidence: one.evidence(), Pace: c.paceOf(one), Playing: one.pace.open != ""}
	threshold, err := eprocess.Threshold(c.share())
	if err != nil {
		return x
	}
	x.Threshold = int64(threshold)
	switch {
	case one.fresh > 0:
		how, _ := one.decides(c, threshold)
		x.Standing = one.counts() + "; " + how
	case one.none > 0:
		x.Standing = "it has given no result: " + one.mute.why()
	default:
		x.Standing = "it has not been played"
	}
	if c.workload.played(c.Revision) && !x.Playing {
		x.Next = latest(one.pace.due, c.At)
	}
	return x
}

// paceOf says in words how often a check is played now.
func (c *Case) paceOf(one *checked) string {
	w := c.workload
	switch {
	case !w.played(c.Revision):
		return "not played: nothing is being judged, or no pod is ready"
	case one.pace.barren > 0:
		return fmt.Sprintf("less often each time: the last %s gave no result", count(int32(min(one.pace.barren, 1<<30)), "play")) //nolint:gosec // bounded
	case one.pace.due.Sub(c.At) > one.check.every()*5/4:
		return "slowly: the revision is convicted and left in place, or the application asked for patience"
	case one.pressing() || w.rollout.checks != nil && c.At.Before(w.rollout.checks.ready.Add(youngFor)):
		return "every second: the revision is young, or the next play may decide"
	}
	return "every " + one.check.every().String()
}
