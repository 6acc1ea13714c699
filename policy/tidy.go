package policy

import "time"

// tidy asks, once the target of an undo is complete, to take away what the undo
// left on the workload for people to read: by then it is on the revision. It is
// no action that is waited for.
func (e *Engine) tidy(w *workload, rev *Revision, at time.Time) {
	o := w.obs
	t := w.rollout.tidiness.get()
	if at.Before(t.tidyAt) {
		e.wakeBy(w, t.tidyAt, at)
		return
	}
	if t.tidied || o.Paused || w.phase != RolledBack && !o.returnedTo(rev) {
		return
	}
	if why, _ := e.restraint(w, ActionRollback, at); why != "" {
		return
	}
	if t.untidied = e.role == standsBy; t.untidied {
		t.tidying = false
	} else {
		t.tidied, t.tidying = true, true
	}
	w.rollout.tidiness.set(t)
	if t.untidied {
		return
	}
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
	t := w.rollout.tidiness.get()
	t.tidying = o.Result == Failed || o.Reason == RefusedNotLeader
	t.tidied = !t.tidying && o.Result != Stale
	if t.tidying {
		t.tidyAt = o.At.Add(tidyAgain)
	}
	w.rollout.tidiness.set(t)
	if !t.tidying {
		if rev := w.obs.current(); rev != nil {
			e.rest(w, rev)
		}
		return
	}
	e.wakeBy(w, t.tidyAt, o.At)
}
