package policy

import (
	"fmt"
	"time"
)

// bake follows a complete revision through its bake window: complete is not
// good. The window begins when the revision is first complete, by the pods'
// own timestamps if undog came later, and starts again when it is no longer
// available. Pods that come and go while the rest stay ready do not restart it.
func (e *Engine) bake(w *workload, c *Case, f Finding) {
	o, r := w.obs, &w.rollout
	switch {
	case o.complete():
		if r.completeSince.IsZero() {
			r.completeSince = c.At
			if !r.seen && !c.Revision.AllReadySince.IsZero() {
				r.completeSince = c.Revision.AllReadySince
			}
		}
		r.bakedReplicas = o.Replicas
	case r.completeSince.IsZero():
		return
	case o.AvailableReplicas < min(r.bakedReplicas, o.Replicas):
		r.completeSince = time.Time{}
		if w.phase == Baking {
			w.phase = Progressing
		}
		return
	}
	if f.Level == Suspicious && !f.Environment {
		return
	}
	if f.Level == Clear {
		w.phase = Baking
	}
	until := r.completeSince.Add(r.policy.Bake)
	if c.At.Before(until) {
		e.wakeBy(w, until, c.At)
		return
	}
	e.proven(w, c)
}

// proven says that the revision is good. What undog saw baking is recorded and
// told; what had proved itself before undog came is neither, until it is needed.
func (e *Engine) proven(w *workload, c *Case) {
	r := &w.rollout
	if !r.seen && r.completeSince.Before(r.startedAt) && !r.startedAt.Before(r.completeSince.Add(r.policy.Bake)) {
		w.phase = Healthy
		return
	}
	rec := Record{
		Revision: r.revision, Verdict: Good, At: c.At, Policy: r.policy.Name, Reason: "BakeComplete", Digests: c.Revision.Digests,
		Message: fmt.Sprintf("revision %d stayed available for its bake window of %s", r.revision.Number, r.policy.Bake),
	}
	if old, known := w.record(r.revision); known && old.Verdict == Bad {
		old.Verdict = Good
		old.Withdrawn = &Note{At: c.At, Reason: "Healed", Message: rec.Message + ", although it had been found bad"}
		rec = old
	}
	e.act(w, Decision{Kind: Remember, From: r.revision, Record: rec, AtLeast: min(r.bakedReplicas, w.obs.Replicas)}, "good")
}
