package policy

import "time"

// workload is what the engine holds of one workload between inputs. All of it
// can be lost: after a restart it is built again from the first Observation,
// which carries the ledger's records and the workload's own memory of undos.
type workload struct {
	// obs is the last observation; nil once the revision has proved itself,
	// since there is nothing to wake up for.
	obs     *Observation
	version uint64
	// first says that the workload was never judged: what it looks like now
	// was so before undog came, and is not told as news.
	first bool
	phase Phase
	// rollout is the rollout being judged.
	rollout rollout
	// minGeneration is the generation of undog's own last write: what is older
	// shows the workload as it was before.
	minGeneration int64
	// spared is the revision that was there when no policy matched: one that
	// matches since does not act on it.
	spared string
	// pending is the write that waits for its Outcome, nil if none does.
	pending *Decision
	// failed is what became of the last write, if it failed.
	failed apart[failed]
	// written is what was written.
	written apart[written]
	// lastUndo is the last undo that was seen, whoever made it.
	lastUndo string
	// wakeAt and queued belong to wakeQueue; queued is -1 outside it.
	wakeAt time.Time
	queued int
}

// failed is a write that failed.
type failed struct {
	// attempts counts failed writes in a row; retryAt is when to try again.
	attempts int
	retryAt  time.Time
}

// written is what undog itself wrote, or asked for.
type written struct {
	// known holds records that were written but may not have come back in an
	// observation yet.
	known []Record
	// undone holds the decisions that were carried out, for the same reason.
	undone []Rollback
	// owed holds what was asked to be remembered when the rollout began, until
	// that is answered.
	owed []Decision
}

// rollout is the judging of one revision.
type rollout struct {
	// revision is the one being judged, previous the one it replaced, and base
	// the one that changes are told against: what an undo would return to or,
	// without that, the one it replaced.
	revision       RevisionRef
	previous, base apart[RevisionRef]
	// began is what the rollout began with, policy what it goes by: that, and what
	// has become stricter since. epoch is which settings were last looked at.
	began  terms
	policy *Policy
	epoch  int
	// seen says that undog saw the rollout begin.
	seen bool
	// comparing says that a conviction waits to know what changed: that is not
	// known, and uncompared that it is not even asked yet, as nothing speaks
	// against a revision that was complete when undog came.
	comparing, uncompared bool
	// unjudged says that the rollout had been over for so long when undog came
	// that its revision is not judged: it is not proven by that either.
	unjudged bool
	// bakedReplicas is how many pods were asked for when it was last complete.
	bakedReplicas int32
	// by is who released the revision, nil if nobody knows.
	by        *Author
	startedAt time.Time
	changes   []Change
	// completeSince is since when the revision has been complete without a
	// break, zero if it is not.
	completeSince time.Time
	// readiness is how much of the workload is ready when all is well.
	readiness readiness
	// excuses is, by veto, when something else was last seen to be to blame.
	excuses map[string]time.Time
	// sequential is the evidence of Layer 1; nil once the revision is proven.
	sequential *sequential
	// checks is what checks have shown, nil where there are none.
	checks *checking
	// reported is what was said from outside last, nil if nothing was.
	reported *Reported
	wanting  apart[wanting]
	tidiness apart[tidiness]
	// told holds, by kind, the reason that was told last; nil until then.
	told map[TransitionKind]string
}

// wanting is the targets that were found wanting.
type wanting struct {
	// uids are those that could not be returned to when the write was made; at
	// most maxWanting. retriedAt is when all were last tried once more.
	uids      []string
	retriedAt time.Time
}

// tidiness is what becomes of the marks of an undo.
type tidiness struct {
	// tidied says that they were asked to be taken away.
	tidied bool
	// tidying says that this has not been done yet.
	tidying bool
	// tidyAt is when that may be tried again.
	tidyAt time.Time
	// untidied says that it is for another undog to do, or this one later.
	untidied bool
}

// tell notes that a transition was told.
func (r *rollout) tell(kind TransitionKind, reason string) {
	if r.told == nil {
		r.told = make(map[TransitionKind]string)
	}
	r.told[kind] = reason
}

// apart keeps a reference apart, if it is one.
func (r RevisionRef) apart() (a apart[RevisionRef]) {
	if r.UID != "" {
		a.set(r)
	}
	return a
}

// judges tells whether a revision is the one being judged.
func (w *workload) judges(r RevisionRef) bool {
	now := w.rollout.revision
	return now.UID == r.UID || now.Template == r.Template
}

// record is the verdict on a revision, as the ledger or this process remembers
// it. A revision is recognised by its ReplicaSet or, since a ReplicaSet may
// have been pruned and made anew, by its template. Of two that say as much, its
// own is the one: the other names another decision.
func (w *workload) record(r RevisionRef) (Record, bool) {
	var found Record
	ok := false
	for _, set := range [2][]Record{w.obs.Records, w.written.get().known} {
		for _, rec := range set {
			same := rec.Revision.UID == r.UID || rec.Revision.Template == r.Template
			own := rec.Revision.UID == r.UID && found.Revision.UID != r.UID
			if same && (!ok || newer(rec, found) || own && !newer(found, rec)) {
				found, ok = rec, true
			}
		}
	}
	return found, ok
}

// newer tells whether a says more than b of the same revision. As in the
// ledger, a revision found bad stays bad until that is withdrawn.
func newer(a, b Record) bool {
	if a.Verdict != b.Verdict && (a.Verdict == Provisional || b.Verdict == Provisional) {
		return b.Verdict == Provisional
	}
	if a.Verdict != b.Verdict && (a.Withdrawn == nil) == (b.Withdrawn == nil) {
		// Bad stays bad until that is withdrawn; what was withdrawn may heal.
		return (a.Verdict == Bad) == (a.Withdrawn == nil)
	}
	return notes(a) > notes(b)
}

func notes(r Record) int {
	n := 0
	if r.Refused != nil {
		n++
	}
	if r.Contested != nil {
		n++
	}
	if r.Withdrawn != nil {
		n++
	}
	return n
}

// learn keeps a record that was written, and drops those that the ledger shows by now.
func (w *workload) learn(r Record) {
	var kept []Record
	for _, k := range w.written.get().known {
		if k.Revision.UID != r.Revision.UID {
			kept = append(kept, k)
		}
	}
	kept = append(kept, r)
	w.written.change(func(n *written) { n.known = kept[max(0, len(kept)-maxKnown):] })
}

// maxKnown bounds what is remembered until the watch shows it.
const maxKnown = 16

// rollback is the undo of a decision, if it happened.
func (w *workload) rollback(decision string) (Rollback, bool) {
	for _, set := range [2][]Rollback{w.obs.Rollbacks, w.written.get().undone} {
		for _, r := range set {
			if r.DecisionID == decision {
				return r, true
			}
		}
	}
	return Rollback{}, false
}

// rollbacksSince counts undog's own undos of the workload since t.
func (w *workload) rollbacksSince(t time.Time) int {
	n := 0
	for _, r := range w.obs.Rollbacks {
		if r.At.After(t) {
			n++
		}
	}
	for _, r := range w.written.get().undone {
		if _, shown := findRollback(w.obs.Rollbacks, r.DecisionID); !shown && r.At.After(t) {
			n++
		}
	}
	return n
}

func findRollback(list []Rollback, decision string) (Rollback, bool) {
	for _, r := range list {
		if r.DecisionID == decision {
			return r, true
		}
	}
	return Rollback{}, false
}
