package policy

import (
	"fmt"
	"time"
)

// suspect tells of evidence that does not suffice yet.
func (e *Engine) suspect(w *workload, c *Case, f Finding) {
	if w.phase != Held {
		from := w.phase
		w.phase = Suspect
		e.tellOnce(w, Transition{
			Kind: RolloutSuspect, At: c.At, From: from, To: Suspect,
			Reason: f.Reason, Message: f.Message, Failures: f.Failures, Changes: w.rollout.changes,
		})
	}
}

// cleared tells that the evidence went away by itself.
func (e *Engine) cleared(w *workload, rev *Revision, at time.Time) {
	if w.phase != Suspect && w.phase != Held {
		return
	}
	e.fleet.cleared(keyOf(w.obs.Workload))
	from := w.phase
	w.phase = Progressing
	e.tellOnce(w, Transition{
		Kind: RolloutCleared, At: at, From: from, To: Progressing, Reason: "EvidenceGone",
		Message: fmt.Sprintf("nothing speaks against revision %d any more", rev.Number),
	})
	delete(w.rollout.told, RolloutSuspect)
	delete(w.rollout.told, RolloutHeld)
}

// convict holds a conviction against the vetoes and, if none applies, decides.
func (e *Engine) convict(w *workload, c *Case, f Finding) {
	if by := w.rollout.startedAt.Add(compareWithin); w.rollout.comparing && c.At.Before(by) {
		// What changed has its say in what is done.
		e.wakeBy(w, by, c.At)
		return
	}
	c.reason = f.Reason
	e.fleet.convicted(keyOf(w.obs.Workload), group(w, f), c.At)
	v, considered := c.veto(f)
	if v.Holds {
		e.hold(w, c, f, v)
		return
	}
	r := &w.rollout
	rec := Record{
		Revision: r.revision, Verdict: Bad, Reason: f.Reason, Message: f.Message, At: c.At,
		Failures: f.Failures, Vetoes: considered, Changes: r.changes, Policy: r.policy.Name, Action: r.policy.Action,
		Checks: r.checks.evidence(), Reported: w.reported(), By: r.by,
	}
	if before, known := w.record(r.revision); known && before.Message == f.Message && len(before.Checks) > 0 && !w.releasedAgain(before) {
		// It was convicted before a restart, on more than has been seen since.
		rec.Checks = before.Checks
	}
	d := Decision{Kind: Remember, From: r.revision}
	if e.acts(w, r.policy.Action, c.At) {
		rec.DecisionID = decisionID(e.settings.Cluster, w.obs.Workload, r.revision.UID, "undo")
		switch r.policy.Action {
		case ActionRollback:
			d.Kind = Undo
			d, rec = e.aim(w, c, d, rec)
		case ActionPause:
			d.Kind = Pause
		case ActionNotify, ActionAuto:
			// An engine has resolved ActionAuto.
		}
	} else if t, ok := c.target(); ok {
		rec.Target = t
	}
	d.Record, d.To = rec, rec.Target
	w.phase = RollingBack
	e.act(w, d, "undo")
}

// aim chooses the target of an undo. Without one, or after too many undos,
// what is left is to remember the verdict and why nothing was done.
func (e *Engine) aim(w *workload, c *Case, d Decision, rec Record) (Decision, Record) {
	t, ok := c.target()
	switch {
	case !ok:
		rec.Refused = &Note{At: c.At, Reason: reasonNoTarget, Message: c.noTarget()}
	case w.rollbacksSince(c.At.Add(-rollbackWindow)) >= maxRollbacks:
		rec.Target = t
		rec.Refused = &Note{At: c.At, Reason: reasonTooManyRollbacks, Message: fmt.Sprintf(
			"%d undos within %s: undog leaves the rest to people until that has passed", maxRollbacks, rollbackWindow)}
	default:
		rec.Target = t
		return d, rec
	}
	d.Kind = Remember
	return d, rec
}

// A Deployment that was undone maxRollbacks times within rollbackWindow is
// left to a human.
const (
	maxRollbacks           = 3
	rollbackWindow         = time.Hour
	reasonTooManyRollbacks = "TooManyRollbacks"
	// reasonNoTarget is that of an undo with nothing to return to.
	reasonNoTarget = "NoTarget"
)

// hold tells that the evidence is bad and why nothing is done about it.
func (e *Engine) hold(w *workload, c *Case, f Finding, v Veto) {
	from := w.phase
	w.phase = Held
	w.rollout.excused(v, c.At)
	e.wakeBy(w, v.WakeAt, c.At)
	e.tellOnce(w, Transition{
		Kind: RolloutHeld, At: c.At, From: from, To: Held, Reason: v.Reason,
		Message: f.Message + "; held: " + v.Message, Failures: f.Failures, Changes: w.rollout.changes,
	})
}

// act sends a write on its way and waits for its outcome.
func (e *Engine) act(w *workload, d Decision, what string) {
	if e.role == standsBy {
		// It is due when this one leads, if nobody has done it by then.
		if w.phase == RollingBack {
			w.phase = Suspect
		}
		return
	}
	d.Workload, d.Generation = w.obs.Workload, w.obs.Generation
	d.ID = decisionID(e.settings.Cluster, d.Workload, d.From.UID, what)
	w.pending = &d
	e.decide(d)
}
