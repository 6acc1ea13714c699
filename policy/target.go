package policy

// target is the revision to return to: the newest one proven good whose
// template is another than the convicted one's. Records outlive ReplicaSets,
// so the target's may be gone; the ledger has a copy of its template.
func (c *Case) target() (RevisionRef, bool) {
	var best RevisionRef
	found := false
	for _, set := range [2][]Record{c.Observation.Records, c.workload.known} {
		for _, rec := range set {
			ref := c.Observation.present(rec.Revision)
			now, _ := c.workload.record(ref)
			if now.Verdict != Good || ref.Template == c.Revision.Template {
				continue
			}
			if !found || ref.Number > best.Number {
				best, found = ref, true
			}
		}
	}
	return best, found
}

// present is a recorded revision as it is now: it may have been rolled out
// again since, under a higher number or as another ReplicaSet. A ReplicaSet
// whose template was edited since is not that revision any more.
func (o *Observation) present(ref RevisionRef) RevisionRef {
	best := ref
	for i := range o.Revisions {
		if r := &o.Revisions[i]; r.Template == ref.Template && (r.UID == ref.UID || r.Number > best.Number) {
			best = r.RevisionRef
		}
	}
	return best
}
