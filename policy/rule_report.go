package policy

import "fmt"

// reportRule convicts a revision of which somebody who knows better says that
// it is bad. It weighs nothing, so that the vetoes that ask what is to blame
// have nothing to ask; those that ask whether undog may act, and whether going
// back would help, hold it as they hold any other.
func reportRule(c *Case) Finding {
	if c.workload == nil {
		return Finding{}
	}
	r := c.workload.reported()
	if r == nil || r.Good {
		return Finding{}
	}
	return Finding{Level: Convicting, Reason: reasonReportedBad, Message: fmt.Sprintf(
		"%s says that revision %d is bad: %s", named(r.By), c.Revision.Number, r.Reason)}
}
