package policy

// undoneVeto holds when the workload itself remembers that undog undid this
// very template before: there is one undo per template, even if the record of
// it is lost or has not been seen yet.
func undoneVeto(c *Case, _ Finding) Veto {
	v := Veto{Message: "undog has not undone this template before"}
	for _, set := range [2][]Rollback{c.Observation.Rollbacks, c.workload.written.get().undone} {
		for _, r := range set {
			if r.Template == c.Revision.Template {
				v.Holds, v.Message = true, "undog undid this template before, and it is back"
				return v
			}
		}
	}
	return v
}
