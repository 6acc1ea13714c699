package policy

import (
	"fmt"
	"slices"
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
			if !r.seen && !c.Revision.AllReadySince.IsZero() && c.reason != reasonCheckFailed {
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
	until := e.bakeUntil(r)
	if c.At.Before(until) {
		e.wakeBy(w, until, c.At)
		return
	}
	if c.uncured() {
		return
	}
	e.proven(w, c)
}

// bakeUntil is when the bake window is over. What baked before undog came, in
// part, or before this one took over, is given the time to be played on a few
// times, and so is a revision of which a check has not given a single result.
func (e *Engine) bakeUntil(r *rollout) time.Time {
	until := r.completeSince.Add(r.policy.Bake)
	if since, late := e.came(r); r.checks != nil && late && (r.seen || until.After(since)) {
		until = latest(until, since.Add(youngFor))
	}
	if wait := r.checks.unheard(); wait > 0 {
		until = latest(until, r.completeSince.Add(wait))
	}
	return until
}

// uncured tells whether the revision is on record as failing a check that has
// not passed since, a few times in a row. That nothing fails is no sign: it may
// not have been played.
func (c *Case) uncured() bool {
	rec, _ := c.workload.record(c.Revision.RevisionRef)
	if c.reason != reasonCheckFailed {
		return false
	}
	return slices.ContainsFunc(rec.Checks, func(ev CheckEvidence) bool {
		now := c.workload.rollout.checks.named(ev.Check)
		return ev.NewFailed > 0 && now != nil && now.passedInARow() < comparedPlays
	})
}

// proven says that the revision is good. What undog saw baking is recorded and
// told; what had proved itself before undog came is neither, until it is needed.
func (e *Engine) proven(w *workload, c *Case) {
	r := &w.rollout
	if !r.seen && r.completeSince.Before(r.startedAt) && !r.startedAt.Before(r.completeSince.Add(r.policy.Bake)) {
		w.phase = Healthy
		return
	}
	e.good(w, c)
}

// good records that the revision is good, since it proved itself or since
// somebody who knows better says so.
func (e *Engine) good(w *workload, c *Case) {
	r := &w.rollout
	rec := Record{
		Revision: r.revision, Verdict: Good, At: c.At, Policy: r.policy.Name, Reason: "BakeComplete", Digests: c.Revision.Digests, By: r.by,
		Message: fmt.Sprintf("revision %d stayed available for its bake window of %s%s", r.revision.Number, r.policy.Bake, r.checks.silent()),
	}
	if said := r.reported; said != nil && said.Good {
		r.bakedReplicas = w.obs.Replicas
		rec.Reason, rec.Reported = "ReportedGood", said
		rec.Message = fmt.Sprintf("%s says that revision %d is good: %s", named(said.By), r.revision.Number, said.Reason)
	}
	if old, known := w.record(r.revision); known && old.Verdict == Bad {
		old.Verdict = Good
		old.Withdrawn = &Note{At: c.At, Reason: "Healed", Message: rec.Message + ", although it had been found bad"}
		rec = old
	}
	e.act(w, Decision{Kind: Remember, From: r.revision, Record: rec, AtLeast: min(r.bakedReplicas, w.obs.Replicas)}, "good")
}
