package policy

import "time"

// tidy asks, once the target of an undo is complete, to take away what the undo
// left on the workload for people to read: by then it is on the revision. It is
// no action that is waited for.
func (e *Engine) tidy(w *workload, rev *Revision, at time.Time) {
	o := w.obs
	if at.Before(w.rollout.tidyAt) {
		e.wakeBy(w, w.rollout.tidyAt, at)
		return
	}
	if w.rollout.tidied || o.Paused || w.phase != RolledBack && !o.returnedTo(rev) {
		return
	}
	if why, _ := e.restraint(w, ActionRollback, at); why != "" {
		return
	}
	if w.rollout.untidied = e.role == standsBy; w.rollout.untidied {
		w.rollout.tidying = false
		return
	}
	w.rollout.tidied, w.rollout.tidying = true, true
	e.decide(Decision{
		ID:   decisionID(e.settings.Cluster, o.Workload, rev.UID, "tidy"),
		Kind: Tidy, Workload: o.Workload, Generation: o.Generation, From: rev.RevisionRef,
	})
}

// tidyAgain is how long it takes until what could not be tidied is tried again.
const tidyAgain = 5 * time.Second

// tidied takes the answer: what could not be done now is asked for again after a
// while, what met a change that had not been observed yet with that change.
func (e *Engine) tidied(w *workload, o Outcome) {
	if w.obs == nil {
		return
	}
	w.rollout.tidying = o.Result == Failed || o.Reason == RefusedNotLeader
	w.rollout.tidied = !w.rollout.tidying && o.Result != Stale
	if !w.rollout.tidying {
		if rev := w.obs.current(); rev != nil {
			e.rest(w, rev)
		}
		return
	}
	w.rollout.tidyAt = o.At.Add(tidyAgain)
	e.wakeBy(w, w.rollout.tidyAt, o.At)
}
