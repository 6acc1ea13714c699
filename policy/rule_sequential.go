package policy

import (
	"fmt"

	"github.com/undog-dev/undog/policy/eprocess"
)

// sequentialRule is Layer 1: it convicts a revision whose pods fail, after they
// had been ready, so much more often than the old ones did at the same age
// that chance brings it about in fewer than Policy.Budget of all good
// releases, however often one looks. With fewer than a dozen pods it can
// hardly ever convict: there the other rules decide.
func sequentialRule(c *Case) Finding {
	s := c.workload.rollout.sequential
	odds := s.odds()
	if odds < least {
		return Finding{}
	}
	threshold, err := eprocess.Threshold(c.share())
	if err != nil {
		return Finding{}
	}
	got := Finding{
		Level: Suspicious, Reason: "MoreFailures", Failures: evidence(c.Revision),
		Message: fmt.Sprintf(
			"%d pods failed after they had been ready, against %d of %d old ones when they were as young: %.0f to 1 that the revision is worse, %.0f to 1 convicts",
			s.history.New, s.history.Old, s.baseline, odds, threshold),
	}
	for i := range got.Failures {
		// The evidence is how many failed, not that one of them still does.
		got.Failures[i].Samples = nil
	}
	if odds >= threshold && len(got.Failures) > 0 {
		got.Level = Convicting
	}
	return got
}
