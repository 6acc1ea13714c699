package cel

import (
	"cel.dev/cel-go/cel"

	"github.com/undog-dev/undog/policy"
)

// activation gives an evaluation the variables it asks for, each made when it
// is first needed and only then: most conditions look at one of them.
type activation struct {
	c *policy.Case
	f *policy.Finding

	workload      *Workload
	revision, old *Revision
	finding       *Finding
	rollout       *Rollout
}

// Parent is nil: nothing is inherited.
func (a *activation) Parent() cel.Activation { return nil }

// ResolveName returns the value of a variable.
func (a *activation) ResolveName(name string) (any, bool) {
	switch name {
	case "workload":
		if a.workload == nil {
			a.workload = workloadOf(a.c)
		}
		return a.workload, true
	case "revision":
		if a.revision == nil {
			a.revision = revisionOf(a.c, a.c.Revision)
		}
		return a.revision, true
	case "old":
		if a.old == nil {
			replaced, _ := a.c.Replaced()
			a.old = revisionOf(a.c, &replaced)
		}
		return a.old, true
	case "finding":
		if a.finding == nil {
			a.finding = findingOf(a.f)
		}
		return a.finding, true
	case "changes":
		return a.c.Changes(), true
	case "rollout":
		if a.rollout == nil {
			a.rollout = rolloutOf(a.c)
		}
		return a.rollout, true
	}
	return nil, false
}
