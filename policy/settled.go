package policy

import (
	"fmt"
	"time"
)

// settled deals with the current revision when it has been convicted before,
// and reports whether that ends the matter: there is one undo per bad revision.
// What was only noted, or could not be done, may still heal.
func (e *Engine) settled(w *workload, c *Case, rec Record) bool {
	o := w.obs
	undo, undone := w.rollback(rec.DecisionID)
	switch {
	case rec.Withdrawn != nil:
		return false
	case rec.Contested != nil:
		if w.phase != Baking {
			w.phase = Halted
		}
		e.heal(w, c)
		return true
	case undone, e.reapplied(c.Revision, rec):
		e.contest(w, c, rec, undo.At)
		return true
	case rec.Action == ActionPause && rec.DecisionID != "" && (o.PausedBy == rec.DecisionID || o.Resumed == rec.DecisionID):
		e.paused(w, c, rec)
		return true
	case rec.Refused != nil && rec.Refused.Reason == reasonTooManyRollbacks:
		w.phase = Halted
		e.heal(w, c)
		return true
	case e.reopened(w, c, rec):
		return false
	case rec.Refused != nil, !e.acts(w, w.rollout.policy.Action, c.At):
		e.watch(w, c, rec)
		return true
	}
	return false
}

// A permission that is missing may be granted: it is tried again now and then.
const (
	reasonForbidden = "Forbidden"
	forbiddenRetry  = time.Minute
)

// reopened tells whether what an undo was refused for may have passed.
func (e *Engine) reopened(w *workload, c *Case, rec Record) bool {
	switch n := rec.Refused; {
	case n == nil:
		return false
	case n.Reason == RefusedTargetIncomplete && w.rollout.wanting.get().retriedAt.After(n.At):
		// The targets are being tried once more, one after the other.
		_, ok := c.target()
		return ok
	case n.Reason == RefusedTargetIncomplete && !c.At.Before(n.At.Add(forbiddenRetry)):
		// What they lacked may be there by now.
		w.rollout.wanting.set(wanting{retriedAt: c.At})
		return true
	case n.Reason == RefusedNoTarget, n.Reason == RefusedTargetIncomplete:
		return e.targetCame(w, c)
	default:
		return n.Reason == reasonForbidden && !c.At.Before(n.At.Add(forbiddenRetry))
	}
}

// watch holds a convicted revision that is left in place, and sees whether it heals.
func (e *Engine) watch(w *workload, c *Case, rec Record) {
	if w.phase != Baking {
		w.phase = Held
	}
	e.heal(w, c)
	if n := rec.Refused; n != nil && (n.Reason == reasonForbidden || n.Reason == RefusedTargetIncomplete) {
		e.wakeBy(w, rec.Refused.At.Add(forbiddenRetry), c.At)
	}
}

// paused deals with a revision that undog paused: it waits or, once somebody
// who knows better has resumed it, only watches whether it heals.
func (e *Engine) paused(w *workload, c *Case, rec Record) {
	if w.obs.PausedBy == rec.DecisionID || w.phase != Baking {
		w.phase = Held
	}
	if w.obs.PausedBy == rec.DecisionID {
		return
	}
	if _, told := w.rollout.told[RolloutPaused]; told {
		e.tellOnce(w, Transition{
			Kind: RolloutResumed, At: c.At, From: Held, To: Held, Reason: "Overruled", Message: overruled,
			Cause: durableID(e.settings.Cluster, w.obs.Workload, rec.Revision.UID, VerdictBad),
		})
	}
	e.heal(w, c)
}

// targetCame tells whether there is a revision to return to by now, though there
// was none when the conviction was made: the old pods have stayed ready since.
// A target that was found wanting when the write was made is no longer among
// those to choose from.
func (e *Engine) targetCame(w *workload, c *Case) bool {
	if !e.acts(w, w.rollout.policy.Action, c.At) {
		return false
	}
	e.adopt(w, c.Revision, w.rollout.policy, c.At)
	if _, ok := c.target(); ok {
		return true
	}
	for i := range w.obs.Revisions {
		if r := &w.obs.Revisions[i]; r.UID != c.Revision.UID && r.Ready > 0 && len(r.Failures) == 0 {
			if due := r.ReadySince.Add(w.rollout.policy.Bake); due.After(c.At) {
				e.wakeBy(w, due, c.At)
			}
		}
	}
	return false
}

// reapplied tells whether a revision that undog decided to undo was rolled out
// again since: its number grew, or its ReplicaSet is a new one.
func (e *Engine) reapplied(rev *Revision, rec Record) bool {
	return rec.DecisionID != "" && rec.Refused == nil && rec.Action == ActionRollback &&
		(rev.UID != rec.Revision.UID || rev.Number > rec.Revision.Number)
}

// contest stops: the template that undog undid is back. Whoever brought it
// back is not fought, but told. The time of the undo is zero when nobody knows it.
func (e *Engine) contest(w *workload, c *Case, rec Record, undone time.Time) {
	when := ""
	if !undone.IsZero() {
		when = " at " + undone.UTC().Format(time.RFC3339)
	}
	rec.Contested = &Note{At: c.At, Reason: "Reapplied", Message: fmt.Sprintf(
		"the template that undog undid%s is back as revision %d%s; undog does not fight over it",
		when, c.Revision.Number, c.Observation.applied())}
	w.phase = Halted
	e.act(w, Decision{Kind: Remember, From: rec.Revision, To: rec.Target, Record: rec}, "contested")
}

// heal watches a convicted revision that is still in place: if it becomes
// complete and bakes without evidence, the conviction is withdrawn.
func (e *Engine) heal(w *workload, c *Case) {
	f := c.find()
	switch {
	case w.vouched(f):
		e.good(w, c)
		return
	case f.Level == Clear, f.Environment:
		e.bake(w, c, f)
	}
	e.wakeBy(w, f.WakeAt, c.At)
}

// resume takes back undog's own pause once the template is no longer the one
// that was paused, or the mark of a pause that somebody else took back, and
// reports whether it did.
func (e *Engine) resume(w *workload, at time.Time) bool {
	o := w.obs
	if o.PausedBy == "" || w.pending != nil || at.Before(w.failed.get().retryAt) || !e.acts(w, ActionPause, at) {
		return false
	}
	for _, rec := range o.Records {
		if rec.DecisionID == o.PausedBy && (!o.Paused || rec.Revision.Template != o.Template) {
			d := Decision{
				Kind: Resume, Workload: o.Workload, Generation: o.Generation, From: rec.Revision, Record: rec,
				ID: decisionID(e.settings.Cluster, o.Workload, rec.Revision.UID, "resume "+o.Template),
			}
			if e.role == standsBy {
				return true
			}
			w.pending = &d
			e.decide(d)
			return true
		}
	}
	return false
}
