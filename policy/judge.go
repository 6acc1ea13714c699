package policy

import "time"

// judge looks at a workload as it is at a time, moves its phase, and decides
// what is to be done. It is called for every change and at every promised time.
func (e *Engine) judge(w *workload, at time.Time) {
	o := w.obs
	e.wakes.set(w, time.Time{})
	p := e.policyFor(o)
	if p == nil || o.Mode == string(Off) || o.Deleting {
		// Whatever it looks like when it comes back was so before.
		w.phase, w.rollout, w.first = PhaseNone, rollout{}, true
		return
	}
	rev := o.current()
	if rev == nil {
		// The rollout has not begun: when it does, undog will have seen it.
		w.first = false
	}
	if o.Generation != o.ObservedGeneration || o.Generation < w.minGeneration || e.resume(w, at) {
		return
	}
	if rev == nil || o.Replicas == 0 {
		return
	}
	if w.rollout.revision.UID != rev.UID {
		e.begin(w, rev, p, at)
		if w.rollout.seen {
			e.compare(w)
		}
	}
	e.heedSettings(w, rev, p)
	w.rollout.revision = rev.RevisionRef
	w.first = false
	e.look(w, rev, at)
	e.play(w, rev, at)
}

// look judges the current revision, unless a write is under way or waits to be
// tried again.
func (e *Engine) look(w *workload, rev *Revision, at time.Time) {
	if w.pending != nil {
		return
	}
	if again := w.failed.get().retryAt; at.Before(again) {
		e.wakes.set(w, again)
		return
	}
	if w.phase != Healthy {
		w.rollout.sequential.gather(w.obs, rev)
	}
	e.assess(w, rev, at)
	e.compare(w)
	e.rest(w, rev)
}

// rest lets go of what is only needed while a revision is judged. How a
// workload does afterwards says something about the fleet.
func (e *Engine) rest(w *workload, rev *Revision) {
	k := keyOf(w.obs.Workload)
	if w.phase != Healthy {
		e.fleet.released(k)
		return
	}
	if t := w.rollout.tidiness.get(); w.pending != nil || t.tidying || t.untidied && e.role == standsBy {
		return
	}
	e.fleet.settled(k, w.obs, rev)
	w.rollout.sequential = nil
	w.rollout.checks.settle()
	// Nothing is waited for: the next change brings a new observation.
	e.wakes.remove(w)
	w.obs = nil
}

// caseOf is what the rules and the vetoes look at.
func (e *Engine) caseOf(w *workload, rev *Revision, at time.Time) *Case {
	c := &Case{At: at, Observation: w.obs, Revision: rev, Policy: w.rollout.policy, workload: w, engine: e}
	if rec, known := w.record(rev.RevisionRef); known && rec.Verdict == Bad && rec.Withdrawn == nil {
		c.reason = rec.Reason
	}
	return c
}

// assess judges the revision that is being rolled out.
func (e *Engine) assess(w *workload, rev *Revision, at time.Time) {
	w.rollout.readiness.see(w.obs, rev, w.rollout.policy, at)
	c := e.caseOf(w, rev, at)
	rec, recorded := w.record(rev.RevisionRef)
	recorded = recorded && rec.Verdict != Provisional
	switch {
	case recorded && rec.Verdict == Good && !w.accused():
		e.returned(w, c)
		return
	case recorded && rec.Verdict == Bad && e.settled(w, c, rec):
		return
	case w.phase == Healthy:
		return
	}
	f := c.find()
	if recorded && !w.releasedAgain(rec) && f.confirms(rec) {
		f.Level, f.Reason, f.Message = Convicting, rec.Reason, rec.Message
	}
	if w.vouched(f) {
		e.good(w, c)
		return
	}
	e.follow(w, c, f)
}

// confirms tells whether a finding that only suspects stands for a verdict that
// was recorded and nothing done about: undog died in between, or only observed.
// A restart may have lost some of the evidence, but what is left still stands
// against the revision. A check that fails once says nothing of other reasons.
func (f Finding) confirms(rec Record) bool {
	return rec.Verdict == Bad && rec.Withdrawn == nil && f.Level == Suspicious && !f.Environment &&
		(f.Reason != reasonCheckFailed || rec.Reason == reasonCheckFailed)
}

// releasedAgain tells whether undog saw the rollout begin after the verdict on
// its revision. It is a new one then: what the pods of the earlier one showed
// does not speak for these.
func (w *workload) releasedAgain(rec Record) bool {
	return w.rollout.seen && w.rollout.startedAt.After(rec.At)
}

// follow does what a finding calls for.
func (e *Engine) follow(w *workload, c *Case, f Finding) {
	switch f.Level {
	case Convicting:
		e.convict(w, c, f)
	case Suspicious:
		e.suspect(w, c, f)
	case Clear:
		e.cleared(w, c.Revision, c.At)
	}
	if f.Level < Convicting {
		e.bake(w, c, f)
	}
	e.wakeBy(w, f.WakeAt, c.At)
}

// wakeBy asks to be woken at a time, unless an earlier one is asked for already.
func (e *Engine) wakeBy(w *workload, t, now time.Time) {
	if t.IsZero() {
		return
	}
	if !t.After(now) {
		t = now.Add(time.Second)
	}
	if w.queued < 0 || t.Before(w.wakeAt) {
		e.wakes.set(w, t)
	}
}

// current is the revision that has the workload's template, nil if there is
// none yet. The Deployment controller takes the oldest when several have it
// (FindNewReplicaSet in k8s.io/kubernetes/pkg/controller/deployment/util).
func (o *Observation) current() *Revision {
	var found *Revision
	for i := range o.Revisions {
		r := &o.Revisions[i]
		if r.Template == o.Template && (found == nil || r.CreatedAt.Before(found.CreatedAt)) {
			found = r
		}
	}
	return found
}

// complete tells whether the rollout has ended, as the Deployment controller
// sees it (DeploymentComplete in the same package).
func (o *Observation) complete() bool {
	return o.UpdatedReplicas == o.Replicas && o.TotalReplicas == o.Replicas &&
		o.AvailableReplicas == o.Replicas
}
