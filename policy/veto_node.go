package policy

import "fmt"

// nodeVeto holds when everything that fails is on one node, while pods of the
// same revision are ready on another: then it is the node that is to blame. It
// is looked at again when the pods change; the failing one may move.
func nodeVeto(c *Case, f Finding) Veto {
	r := c.Revision
	v := Veto{Message: fmt.Sprintf("the failures are not confined to one of the %s in use", count(r.Nodes, "node"))}
	if r.Nodes <= 1 {
		v.Message = "the revision is on one node only, so the node cannot be told from the revision"
	}
	if r.Nodes < 2 || r.Ready == 0 || len(f.Failures) == 0 {
		return v
	}
	for _, failure := range f.Failures {
		if failure.Nodes != 1 {
			return v
		}
	}
	v.Holds = true
	v.Message = fmt.Sprintf("every failure is on one node of %d, and %s ready elsewhere", r.Nodes, count(r.Ready, "pod"))
	return v
}
