package policy

import (
	"slices"
	"time"
)

// target is the revision to return to: the newest one proven good whose
// template is another than the convicted one's or, where none is and the policy
// allows it, the newest provisional one. Records outlive ReplicaSets, so the
// target's may be gone; the ledger has a copy of its template.
func (c *Case) target() (RevisionRef, bool) {
	best, found := c.newest(Good)
	if !found && c.Policy.Provisional {
		return c.newest(Provisional)
	}
	return best, found
}

// newest is the newest revision with a verdict that can be returned to.
func (c *Case) newest(verdict Verdict) (RevisionRef, bool) {
	var best RevisionRef
	found := false
	if len(c.workload.rollout.wanting) >= maxWanting {
		return best, false
	}
	for _, set := range [2][]Record{c.Observation.Records, c.workload.known} {
		for _, rec := range set {
			ref := c.Observation.present(rec.Revision)
			now, _ := c.workload.record(ref)
			if now.Verdict != verdict || ref.Template == c.Revision.Template || slices.Contains(c.workload.rollout.wanting, ref.UID) {
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

// maxWanting bounds how many targets are tried for one undo.
const maxWanting = 32

// findWanting takes a revision out of the choice of targets of this rollout,
// and reports whether there was room to remember that.
func (w *workload) findWanting(target RevisionRef) bool {
	if len(w.rollout.wanting) == maxWanting || slices.Contains(w.rollout.wanting, target.UID) {
		return false
	}
	w.rollout.wanting = append(w.rollout.wanting, target.UID)
	return true
}

// anotherTarget takes the target of an undo out of the choice, and tells
// whether another one is left.
func (e *Engine) anotherTarget(w *workload, d Decision, at time.Time) bool {
	if d.Kind != Undo || !w.judges(d.From) || !w.findWanting(d.To) {
		return false
	}
	_, ok := e.caseOf(w, &Revision{RevisionRef: d.From}, at).target()
	return ok
}

// reconsider lets every target be tried again once other revisions are on
// record as good: what was wanting may be so no longer.
func (w *workload) reconsider(o *Observation) {
	if len(w.rollout.wanting) == 0 || w.obs == nil {
		return
	}
	same := slices.EqualFunc(goodOnes(w.obs), goodOnes(o), func(a, b RevisionRef) bool {
		return a.UID == b.UID && a.Template == b.Template && a.Number == b.Number
	})
	if !same {
		w.rollout.wanting = nil
	}
}

func goodOnes(o *Observation) []RevisionRef {
	var all []RevisionRef
	for i := range o.Records {
		if o.Records[i].Verdict != Bad {
			all = append(all, o.Records[i].Revision)
		}
	}
	return all
}
