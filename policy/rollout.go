package policy

import (
	"fmt"
	"time"
)

// begin starts to judge a revision that was not the current one before.
func (e *Engine) begin(w *workload, rev *Revision, p *Policy, at time.Time) {
	previous := w.replaced(rev)
	seen := !w.first
	e.adopt(w, rev, p, at)
	w.rollout = rollout{
		revision: rev.RevisionRef, previous: previous.apart(), policy: p, began: e.terms(w, rev, p), epoch: e.epoch,
		seen: seen, by: w.obs.author(), startedAt: at, readiness: w.handOver(previous, p, at), checks: e.beginChecks(w),
	}
	w.rollout.sequential = begun(w.obs, rev, at)
	rec, known := w.record(rev.RevisionRef)
	ours := known && rec.Verdict == Good && (w.phase == RolledBack || w.first && w.obs.returnedTo(rev) && !w.obs.complete())
	w.failed = apart[failed]{}
	w.phase = Progressing
	if ours {
		w.phase = RolledBack
	} else if !seen && !known && w.obs.over(rev, p.Bake) {
		w.phase, w.rollout.unjudged = Healthy, true
		return
	}
	if previous.UID == "" || ours {
		if seen && !ours {
			e.started(w, at)
		}
		return
	}
	w.rollout.base = w.rollout.previous
	if target, ok := e.caseOf(w, rev, at).target(); ok {
		// One that never proved itself may be as wrong as this one.
		w.rollout.base.set(target)
	}
	w.rollout.comparing, w.rollout.uncompared = true, true
}

// compare asks what a release changed, once. What was over before undog came is
// not asked about: of a large cluster that would be all there is, and nobody
// would look at the answers.
func (e *Engine) compare(w *workload) {
	if !w.rollout.uncompared || w.phase == Healthy {
		return
	}
	w.rollout.uncompared = false
	e.decide(Decision{
		ID:   decisionID(e.settings.Cluster, w.obs.Workload, w.rollout.revision.UID, "compare"),
		Kind: Compare, Workload: w.obs.Workload, Generation: w.obs.Generation,
		From: w.rollout.base.get(), To: w.rollout.revision,
	})
}

// compareWithin is how long after a rollout began a conviction still waits for
// the answer to what it changed.
const compareWithin = 10 * time.Second

// replaced is the revision that was judged until now or, failing that, the one
// that seems to have been replaced.
func (w *workload) replaced(rev *Revision) RevisionRef {
	if w.rollout.revision.UID != "" {
		return w.rollout.revision
	}
	if prev := w.obs.previous(rev); prev != nil {
		return prev.RevisionRef
	}
	return RevisionRef{}
}

// previous guesses what a revision replaces when undog did not see it happen:
// the newest other revision that has pods, else the newest other. rev is the one
// that has the workload's template: none that is idle.
func (o *Observation) previous(rev *Revision) *Revision {
	var found *Revision
	for i := range o.Revisions {
		r := &o.Revisions[i]
		if r.UID == rev.UID {
			continue
		}
		if found == nil || (r.Pods > 0) != (found.Pods > 0) && r.Pods > 0 ||
			(r.Pods > 0) == (found.Pods > 0) && r.Number > found.Number {
			found = r
		}
	}
	if o.Idle == nil || found != nil && found.Pods > 0 {
		return found
	}
	if r := o.Idle.Newest(); found == nil || r.Number > found.Number || r.Number == found.Number && r.UID < found.UID {
		found = &r
	}
	return found
}

// compared takes the answer to what changed, and with it tells of the rollout.
func (e *Engine) compared(c Comparison) {
	w := e.workloads[key{c.Workload.Kind, c.Workload.UID}]
	if w == nil || w.obs == nil || w.rollout.revision.UID != c.To {
		return
	}
	w.rollout.changes, w.rollout.comparing = c.Changes, false
	if w.rollout.seen {
		e.started(w, c.At)
	}
	e.judge(w, c.At)
}

// started tells of a rollout that undog saw begin.
func (e *Engine) started(w *workload, at time.Time) {
	r := &w.rollout
	previous, base := r.previous.get(), r.base.get()
	msg := fmt.Sprintf("revision %d is being rolled out", r.revision.Number)
	if previous.UID != "" {
		msg += fmt.Sprintf(" in place of revision %d", previous.Number)
	}
	if base.Template != previous.Template {
		msg += fmt.Sprintf("; what changed is told against revision %d, the newest proven good", base.Number)
	}
	e.tellOnce(w, Transition{
		Kind: RolloutStarted, At: at, From: PhaseNone, To: Progressing,
		Reason: "NewRevision", Message: msg, Target: previous, Changes: r.changes, By: r.by,
	})
}

// adopt remembers, when a rollout begins, the revisions that proved themselves
// without being judged: their pods have been ready through a bake window.
// Until then nothing is written about them.
func (e *Engine) adopt(w *workload, current *Revision, p *Policy, at time.Time) {
	var owed []Decision
	all := w.obs.Revisions
	if w.rollout.revision.UID != "" {
		// Of those that are idle only the one that was judged can have proved itself.
		all = w.obs.Whole().Revisions
	}
	for i := range all {
		r := &all[i]
		rec, baked := w.earned(r, current, p, at)
		if rec.Verdict == "" {
			continue
		}
		if old, known := w.record(r.RevisionRef); known && (old.Verdict != Provisional || rec.Verdict == Provisional) {
			continue
		}
		rec.Revision, rec.Adopted, rec.At, rec.Policy, rec.Digests = r.RevisionRef, true, at, p.Name, r.Digests
		d := Decision{
			ID: decisionID(e.settings.Cluster, w.obs.Workload, r.UID, "adopt"), Kind: Remember,
			Workload: w.obs.Workload, Generation: w.obs.Generation, From: r.RevisionRef, Record: rec,
		}
		if !baked {
			d.AtLeast = 1
		}
		w.learn(rec)
		owed = append(owed, d)
		if e.role != standsBy {
			e.decide(d)
		}
	}
	if n := w.written.get(); len(n.owed)+len(owed) > 0 {
		n.owed = owed
		w.written.set(n)
	}
}

// earned is what a revision is remembered as when the current one replaces it;
// its Verdict is empty when there is nothing to remember. baked says that this
// does not rest on how its pods are now.
func (w *workload) earned(r, current *Revision, p *Policy, at time.Time) (rec Record, baked bool) {
	if r.UID == current.UID {
		return Record{}, false
	}
	// One that was being judged until now has its answer.
	judged := w.rollout.revision.UID == r.UID && !w.rollout.unjudged
	baked = judged && w.phase == Healthy
	switch {
	case baked, !judged && r.proves(p.Bake, at):
		return Record{Verdict: Good, Reason: "StayedReady", Message: fmt.Sprintf(
			"revision %d was healthy for its bake window before it was replaced", r.Number)}, baked
	case judged && p.Provisional && w.rollout.promising():
		return Record{Verdict: Provisional, Reason: "Superseded", Message: fmt.Sprintf(
			"revision %d was complete and without evidence against it when it was replaced, but not proven", r.Number)}, false
	}
	return Record{}, false
}

// returnedTo tells whether undog's own last undo led to this revision.
func (o *Observation) returnedTo(rev *Revision) bool {
	n := len(o.Rollbacks)
	return n > 0 && o.Rollbacks[n-1].To == rev.UID
}

// promising tells whether a revision was complete and without evidence against
// it when it was last looked at.
func (r *rollout) promising() bool {
	_, suspected := r.told[RolloutSuspect]
	return !r.completeSince.IsZero() && !suspected
}

// proves tells whether a revision's own pods show that it is good: every one
// has been ready through a whole bake window and nothing speaks against any.
func (r *Revision) proves(bake time.Duration, at time.Time) bool {
	return r.Ready > 0 && !r.AllReadySince.IsZero() && at.Sub(r.AllReadySince) >= bake && len(r.Failures) == 0
}

// over tells whether the rollout had been complete for a bake window before
// undog came, by the Deployment controller's own word, and is in trouble now.
// What goes wrong later than that is not the release's doing.
func (o *Observation) over(rev *Revision, bake time.Duration) bool {
	p := o.Progressing
	baked := p.Status == "True" && p.Reason == "NewReplicaSetAvailable" && !p.Updated.IsZero() && o.At.Sub(p.Updated) >= bake
	return baked && (!o.complete() || len(rev.Failures) > 0)
}

// returned deals with a revision that is proven already: undog's own target
// after an undo, or an earlier one that somebody went back to. It is not
// judged again: it may be slow or unready for reasons of its own.
func (e *Engine) returned(w *workload, c *Case) {
	o, rev, at := w.obs, c.Revision, c.At
	ours := w.phase == RolledBack
	if o.complete() {
		if ours || w.phase == Held {
			e.tellOnce(w, Transition{
				Kind: RolloutRecovered, At: at, From: w.phase, To: Healthy, Reason: "Available",
				Message: fmt.Sprintf("revision %d, proven before, is complete: %d of %d pods available",
					rev.Number, o.AvailableReplicas, o.Replicas),
			})
		}
		e.tidy(w, rev, at)
		w.phase = Healthy
		return
	}
	if w.phase == Healthy || ours && e.withdraw(w, c) {
		return
	}
	due := w.rollout.startedAt.Add(derivedReadyWithin(o, rev, w.rollout.policy))
	if at.Before(due) {
		e.wakeBy(w, due, at)
		return
	}
	e.tellOnce(w, Transition{
		Kind: RolloutHeld, At: at, From: w.phase, To: w.phase, Reason: "TargetNotReady",
		Message: fmt.Sprintf("revision %d, proven before, has %d of %d pods available; undog does not undo an undo",
			rev.Number, o.AvailableReplicas, o.Replicas), Failures: rev.Failures,
	})
}

// tellOnce tells a transition about the rollout, unless the same kind was told
// for the same reason already.
func (e *Engine) tellOnce(w *workload, t Transition) {
	if last, told := w.rollout.told[t.Kind]; told && last == t.Reason {
		return
	}
	w.rollout.tell(t.Kind, t.Reason)
	e.tell(e.complete(w, t))
}

// complete fills in what every transition about the current rollout shares.
// Before the first judgement there is no rollout, and t speaks for itself.
func (e *Engine) complete(w *workload, t Transition) Transition {
	r := &w.rollout
	t.Workload = w.obs.Workload
	if r.policy != nil {
		t.Revision, t.Policy, t.Action = r.revision, r.policy.Name, r.policy.Action
	}
	t.Checks, t.Reported = r.checks.evidence(), r.reported
	rollout := t.Revision.UID
	if cause := causes[t.Kind]; cause != "" {
		t.Cause = durableID(e.settings.Cluster, t.Workload, rollout, cause)
	} else if undone := w.undoneFor(t); undone != "" {
		// It ends, or goes on with, the story of the revision that was undone.
		rollout, t.Cause = undone, durableID(e.settings.Cluster, t.Workload, undone, RollbackDone)
	}
	t.Rollout = rolloutID(e.settings.Cluster, t.Workload, rollout)
	t.ID = id("event", e.settings.Cluster, t.Workload.Kind, t.Workload.UID, t.Revision.UID, string(t.Kind),
		t.Reason, t.At.UTC().Format(time.RFC3339Nano))
	return t
}
