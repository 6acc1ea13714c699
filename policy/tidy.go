package policy

import "time"

// tidy asks, once the target of an undo is complete, to take away what the undo
// left on the workload for people to read: by then it is on the revision. It is
// no action that is waited for.
func (e *Engine) tidy(w *workload, rev *Revision, at time.Time) {
	o := w.obs
	if w.rollout.tidied || o.Paused || w.phase != RolledBack && !o.returnedTo(rev) {
		return
	}
	if why, _ := e.restraint(w, ActionRollback, at); why != "" {
		return
	}
	if w.rollout.untidied = e.role == standsBy; w.rollout.untidied {
		return
	}
	w.rollout.tidied = true
	e.decide(Decision{
		ID:   decisionID(e.settings.Cluster, o.Workload, rev.UID, "tidy"),
		Kind: Tidy, Workload: o.Workload, Generation: o.Generation, From: rev.RevisionRef,
	})
}

// tidied takes the answer: what could not be done now is asked for again when
// the workload changes.
func (w *workload) tidied(o Outcome) {
	if o.Result == Stale || o.Result == Failed || o.Reason == RefusedNotLeader {
		w.rollout.tidied = false
	}
}
