package policy

import (
	"slices"
	"time"
)

// outcome takes the result of a write.
func (e *Engine) outcome(o Outcome) {
	w := e.workloads[key{o.Workload.Kind, o.Workload.UID}]
	if w != nil && o.Result == Stale {
		e.disown(w, o)
	}
	if w != nil {
		e.settle(w, o)
	}
	if w == nil || w.pending == nil || w.pending.ID != o.DecisionID || w.obs == nil {
		return
	}
	d := *w.pending
	if len(o.Captured) > 0 {
		d.Record.Captured = o.Captured
	}
	w.pending = nil
	switch o.Result {
	case NoChange:
		// Somebody else did it: there is nothing of undog's own to tell.
		e.again(w, o.At)
		return
	case Done:
		w.failed = apart[failed]{}
		w.minGeneration = max(w.minGeneration, o.Generation)
		e.carriedOut(w, d, o)
	case Vanished:
		e.forget(o.Workload)
		return
	case Refused:
		e.refused(w, d, o)
	case Stale, Failed:
		if o.Reason == RefusedTargetCondemned {
			w.findWanting(d.To)
		}
		e.again(w, o.At)
		return
	}
	e.judge(w, o.At)
}

// disown forgets a revision that was adopted on the word of an old observation.
func (e *Engine) disown(w *workload, o Outcome) {
	w.written.change(func(n *written) {
		n.known = slices.DeleteFunc(n.known, func(rec Record) bool {
			return rec.Adopted && decisionID(e.settings.Cluster, o.Workload, rec.Revision.UID, "adopt") == o.DecisionID
		})
	})
}

// carriedOut tells what has now become true.
func (e *Engine) carriedOut(w *workload, d Decision, o Outcome) {
	switch d.Kind {
	case Remember:
		w.learn(d.Record)
		e.remembered(w, d)
	case Undo:
		rb := Rollback{DecisionID: d.ID, Workload: o.Workload.UID, At: o.At, From: d.From.UID, To: d.To.UID, Template: d.From.Template}
		w.learn(d.Record)
		w.written.change(func(n *written) { n.undone = append(n.undone[max(0, len(n.undone)-maxRollbacks):], rb) })
		if w.judges(d.From) || w.judges(d.To) {
			w.phase = RolledBack
		}
		w.minGeneration = max(w.minGeneration, d.Generation+1)
		e.tellDurable(w, d.Record, &rb)
	case Pause:
		w.learn(d.Record)
		e.tellDurable(w, d.Record, nil)
		if !w.judges(d.From) {
			return
		}
		w.phase = Held
		e.tellOnce(w, Transition{
			Kind: RolloutPaused, At: o.At, From: RollingBack, To: Held, Reason: d.Record.Reason,
			Message: "paused by undog; change the template or run undog resume",
		})
	case Resume:
		e.resumed(w, d, o.At)
	case Compare, Tidy, Play:
	}
}

// resumed tells that a pause was taken back, by whom and why.
func (e *Engine) resumed(w *workload, d Decision, at time.Time) {
	t := Transition{
		Kind: RolloutResumed, At: at, From: Held, To: Progressing, Reason: "TemplateChanged",
		Revision: d.From, Policy: d.Record.Policy, Action: d.Record.Action,
		Message: "undog took back its pause: the template is no longer the one it paused",
		Cause:   durableID(e.settings.Cluster, w.obs.Workload, d.From.UID, VerdictBad),
	}
	if !w.obs.Paused {
		t.Reason, t.Message = "Overruled", overruled
	}
	w.obs = w.obs.without(d.Record.DecisionID)
	e.tellOnce(w, t)
}

// overruled is said where a pause was taken back and not by undog.
const overruled = "somebody took back undog's pause; undog does not pause this revision again"

// without is the observation as it will be once a pause is taken back.
func (o *Observation) without(pause string) *Observation {
	next := *o
	next.Paused, next.PausedBy, next.Resumed = false, "", pause
	return &next
}

// remembered moves the phase after a record was written, and tells of it.
func (e *Engine) remembered(w *workload, d Decision) {
	rec := d.Record
	if !w.judges(d.From) {
		// The next rollout began before the answer came. It has a phase of its own.
		e.tellDurable(w, rec, nil)
		return
	}
	switch {
	case rec.Verdict == Good:
		w.phase = Healthy
	case rec.Contested != nil, rec.Refused != nil && rec.Refused.Reason == reasonTooManyRollbacks:
		w.phase = Halted
	default:
		w.phase = Held
	}
	e.tellDurable(w, rec, nil)
	if rec.Verdict == Bad && rec.DecisionID == "" && rec.Action != ActionNotify && rec.Contested == nil && rec.Refused == nil {
		e.tellOnce(w, Transition{
			Kind: RollbackWouldHave, At: rec.At, From: Suspect, To: Held, Reason: rec.Reason,
			Message: e.wouldHave(w, rec), Target: rec.Target, Failures: rec.Failures, Captured: rec.Captured,
		})
	}
}

// wouldHave says what was not done about a record, and what stood against it: the
// mode, or a freeze window alone.
func (e *Engine) wouldHave(w *workload, rec Record) string {
	but := "in enforce mode"
	if name, _, frozen := w.rollout.policy.frozen(rec.At); frozen && e.onlyLooks(w, rec.Action) == "" {
		but = "but for the freeze window " + name
	}
	switch {
	case rec.Action == ActionPause:
		return but + " undog would have paused the workload"
	case rec.Target.UID == "":
		return but + " undog would have had no revision to return to: none has been proven good"
	}
	return but + " undog would have returned to " + rec.Target.describe()
}

// tellDurable tells the durable transitions of a record, the same that
// Durable derives from the ledger later. A repeated one is recognised by its id.
func (e *Engine) tellDurable(w *workload, rec Record, rb *Rollback) {
	for _, t := range durable(e.settings.Cluster, w.obs.Workload, rec, rb) {
		switch {
		case rec.Withdrawn != nil && t.Kind != VerdictWithdrawn,
			rec.Withdrawn == nil && rec.Contested != nil && t.Kind != RollbackContested:
			continue
		}
		mark := TransitionKind(t.ID)
		if _, told := w.rollout.told[mark]; told {
			continue
		}
		w.rollout.tell(mark, "")
		e.tell(t)
	}
}

// refused deals with a write that must not or cannot be made. What may change
// is waited for; the rest is remembered, so that it is not tried again.
func (e *Engine) refused(w *workload, d Decision, o Outcome) {
	switch o.Reason {
	case RefusedNotLeader, RefusedObserving:
		e.again(w, o.At)
		return
	case RefusedPaused, RefusedOptedOut:
		e.yield(w, d, o)
		return
	case RefusedNoTarget, RefusedTargetIncomplete:
		if e.anotherTarget(w, d, o.At) {
			// It is judged again at once, and that one is chosen.
			w.phase = Suspect
			return
		}
	}
	if d.Kind == Remember || d.Kind == Resume {
		// There is nowhere to write it down: tell, and remember it here.
		if d.Kind == Remember {
			w.learn(d.Record)
			e.remembered(w, d)
		}
		return
	}
	rec := d.Record
	rec.Refused = &Note{At: o.At, Reason: o.Reason, Message: o.Message}
	e.act(w, Decision{Kind: Remember, From: d.From, To: d.To, Record: rec}, "refused")
}

// yield leaves a workload to its owner, who paused it or took it out of undog's
// hands. The write met what had not been observed yet, and that comes with a
// later generation: until then there is nothing to try again.
func (e *Engine) yield(w *workload, d Decision, o Outcome) {
	w.failed = apart[failed]{}
	w.minGeneration = max(w.minGeneration, d.Generation+1)
	if w.phase != RollingBack || !w.judges(d.From) {
		return
	}
	w.phase = Held
	e.tellOnce(w, Transition{
		Kind: RolloutHeld, At: o.At, From: RollingBack, To: Held, Reason: o.Reason + "Meanwhile",
		Message: d.Record.Message + "; held: " + o.Message, Failures: d.Record.Failures, Changes: d.Record.Changes,
	})
}

// The reasons of a refusal that the engine waits out instead of remembering it.
const (
	RefusedPaused    = "Paused"
	RefusedOptedOut  = "OptedOut"
	RefusedNotLeader = "NotLeader"
	RefusedObserving = "Observing"
)

// The reasons for which an undo's target is found wanting when the write is
// made; the next one that was proven good takes its place.
const (
	RefusedNoTarget         = reasonNoTarget
	RefusedTargetIncomplete = "TargetIncomplete"
	RefusedTargetCondemned  = "TargetCondemned"
)

// again waits before a write is decided anew, a little longer each time.
func (e *Engine) again(w *workload, at time.Time) {
	if w.phase == RollingBack {
		w.phase = Suspect
	}
	f := w.failed.get()
	f.retryAt = at.Add(min(time.Second<<min(f.attempts, 5), maxRetryDelay))
	f.attempts++
	w.failed.set(f)
	e.wakes.set(w, f.retryAt)
}

// maxRetryDelay is the longest wait between two tries of a write.
const maxRetryDelay = 30 * time.Second
