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
	unfit := c.workload.rollout.wanting.get().uids
	if len(unfit) >= maxWanting {
		return best, false
	}
	known := c.workload.written.get().known
	if len(c.Observation.Records)+len(known) == 0 {
		return best, false
	}
	whole := c.Observation.Whole()
	for _, set := range [2][]Record{whole.Records, known} {
		for _, rec := range set {
			ref := whole.present(rec.Revision)
			now, _ := c.workload.record(ref)
			if now.Verdict != verdict || ref.Template == c.Revision.Template || slices.Contains(unfit, ref.UID) || c.behavesAlike(ref) {
				continue
			}
			if !found || ref.Number > best.Number {
				best, found = ref, true
			}
		}
	}
	return best, found
}

// behavesAlike tells whether a revision has the very images of one that was
// convicted for what it does, not for how its pods fare. What it does is likely
// in the images, and was not looked for when the other one proved itself. One on
// which all that convicts was seen to pass, beside this one, is excepted.
func (c *Case) behavesAlike(ref RevisionRef) bool {
	if c.reason != reasonCheckFailed && c.reason != reasonReportedBad {
		return false
	}
	if len(ref.Images) == 0 || !slices.Equal(ref.Images, c.Revision.Images) {
		return false
	}
	rec, known := c.workload.record(c.Revision.RevisionRef)
	seen := known && rec.Reason == reasonCheckFailed && rec.Target.Template == ref.Template
	return c.reason == reasonReportedBad || !seen && !c.workload.rollout.checks.passedOn(ref)
}

// passedOn tells whether every check that failed on the current revision passed
// on another one that was asked beside it, and never failed there.
func (k *checking) passedOn(ref RevisionRef) bool {
	if k == nil {
		return false
	}
	passed := false
	for _, c := range k.list {
		if c.freshFailed == 0 {
			continue
		}
		i := slices.IndexFunc(c.olds, func(o oldCount) bool { return o.revision.Template == ref.Template })
		if i < 0 || c.olds[i].n == 0 || c.olds[i].failed > 0 {
			return false
		}
		passed = true
	}
	return passed
}

// noTarget says why there is nothing to return to.
func (c *Case) noTarget() string {
	behaves := *c
	behaves.reason = ""
	if _, ok := behaves.target(); ok {
		return "no other revision with other images has been proven good, and what is wrong is likely in the images"
	}
	return "no other revision has been proven good"
}

// present is a recorded revision as it is now: it may have been rolled out
// again since, under a higher number or as another ReplicaSet. A ReplicaSet
// whose template was edited since is not that revision any more.
func (o *Observation) present(ref RevisionRef) RevisionRef {
	best, all := ref, o.Whole().Revisions
	for i := range all {
		if r := &all[i]; r.Template == ref.Template && (r.UID == ref.UID || r.Number > best.Number) {
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
	unfit := w.rollout.wanting.get().uids
	if len(unfit) == maxWanting || slices.Contains(unfit, target.UID) {
		return false
	}
	w.rollout.wanting.change(func(n *wanting) { n.uids = append(n.uids, target.UID) })
	return true
}

// anotherTarget takes the target of an undo out of the choice, and tells
// whether another one is left.
func (e *Engine) anotherTarget(w *workload, d Decision, at time.Time) bool {
	if d.Kind != Undo || !w.judges(d.From) || !w.findWanting(d.To) {
		return false
	}
	c := e.caseOf(w, &Revision{RevisionRef: d.From}, at)
	c.reason = d.Record.Reason
	_, ok := c.target()
	return ok
}

// reconsider lets every target be tried again once other revisions are on
// record as good: what was wanting may be so no longer.
func (w *workload) reconsider(o *Observation) {
	if len(w.rollout.wanting.get().uids) == 0 || w.obs == nil {
		return
	}
	same := slices.EqualFunc(goodOnes(w.obs), goodOnes(o), func(a, b RevisionRef) bool {
		return a.UID == b.UID && a.Template == b.Template && a.Number == b.Number
	})
	if !same {
		w.rollout.wanting.change(func(n *wanting) { n.uids = nil })
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
