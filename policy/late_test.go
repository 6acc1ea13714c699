package policy_test

import (
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
)

// TestRestartBeforeResume starts undog when a pause of its own is to be taken
// back: nothing has been judged yet when that is told.
func TestRestartBeforeResume(t *testing.T) {
	o := broken(1, noon)
	o.Paused, o.PausedBy, o.Template = true, "pause-2", "t3"
	o.Records = []policy.Record{{
		Revision: o.Revisions[1].RevisionRef, Verdict: policy.Bad, Reason: "CrashLoop", At: noon,
		DecisionID: "pause-2", Action: policy.ActionPause, Policy: "default",
	}}
	e := policy.New(settings())
	resume := only(t, e.Step(o).Decisions, policy.Resume)
	told := e.Step(policy.Outcome{
		At: noon, Workload: o.Workload, DecisionID: resume.ID, Kind: resume.Kind, Result: policy.Done, Generation: 3,
	}).Transitions
	if len(told) != 1 || told[0].Kind != policy.RolloutResumed || told[0].Revision.UID != "rs-2" || told[0].Policy != "default" {
		t.Errorf("told %+v, want rollout.resumed of rs-2", told)
	}
}

// TestLateAnswer lets the answer to a good verdict come when the next, bad
// rollout has begun: the bad one must not pass for proven.
func TestLateAnswer(t *testing.T) {
	s := settings()
	e := policy.New(s)
	first := healthy(1, noon)
	first.Revisions[0].AllReadySince, first.Revisions[0].CreatedAt = noon.Add(-time.Second), noon.Add(-time.Second)
	first.Revisions[0].ReadySince = noon.Add(-time.Second)
	e.Step(first)
	baked := e.Step(policy.Wake{At: noon.Add(s.Policies[0].Bake)})
	good := only(t, baked.Decisions, policy.Remember)

	at := noon.Add(s.Policies[0].Bake + time.Second)
	step(e, broken(2, at))
	answered := e.Step(policy.Outcome{At: at, Workload: first.Workload, DecisionID: good.ID, Kind: good.Kind, Result: policy.Done})
	if phase := e.Phase(first.Workload); phase == policy.Healthy {
		t.Errorf("the crashing revision is %s", phase)
	}
	if undo := only(t, answered.Decisions, policy.Undo); undo.To.UID != "rs-1" {
		t.Errorf("the crashing revision is returned to %q, want rs-1", undo.To.UID)
	}
}

// TestUndoneBefore shows a template that the workload remembers to have been
// undone, while the ledger's record of it has not been seen.
func TestUndoneBefore(t *testing.T) {
	e := policy.New(settings())
	e.Step(healthy(1, noon))
	o := broken(2, noon.Add(time.Minute))
	o.Rollbacks = []policy.Rollback{{DecisionID: "undo-of-rs-0", At: noon, From: "rs-0", To: "rs-1", Template: "t2"}}
	r := step(e, o)
	for _, d := range r.Decisions {
		if d.Kind == policy.Undo {
			t.Errorf("undone a second time: %+v", d)
		}
	}
	var held bool
	for _, tr := range r.Transitions {
		held = held || tr.Kind == policy.RolloutHeld && tr.Reason == "UndoneBefore"
	}
	if !held {
		t.Errorf("told %+v, want rollout.held for UndoneBefore", r.Transitions)
	}
}

// TestNotReadyNamesPods checks that a verdict of NotReady says which pods to
// look at again before anything is done.
func TestNotReadyNamesPods(t *testing.T) {
	e := policy.New(settings())
	e.Step(healthy(1, noon))
	at := noon.Add(10 * time.Minute)
	o := broken(2, at)
	rev := &o.Revisions[1]
	rev.Failures, rev.Waiting, rev.WaitingPods, rev.WaitingNodes = nil, []time.Time{noon}, []string{"web-2-a"}, 1
	undo := only(t, step(e, o).Decisions, policy.Undo)
	f := undo.Record.Failures
	if len(f) != 1 || f[0].Reason != "NotReady" || len(f[0].Samples) != 1 || f[0].Samples[0] != "web-2-a" {
		t.Errorf("the verdict rests on %+v, want the pod web-2-a", f)
	}
}

// TestOwnRecordFirst pauses a template for the second time, under a new
// ReplicaSet: the record of the first time must not hide that it is paused.
func TestOwnRecordFirst(t *testing.T) {
	s := settings()
	s.Policies[0].Action = policy.ActionPause
	o := broken(1, noon)
	o.Paused, o.PausedBy = true, "pause-2"
	before := o.Revisions[1].RevisionRef
	before.UID = "rs-0"
	for i, ref := range []policy.RevisionRef{before, o.Revisions[1].RevisionRef} {
		o.Records = append(o.Records, policy.Record{
			Revision: ref, Verdict: policy.Bad, Reason: "CrashLoop", At: noon, Action: policy.ActionPause,
			DecisionID: []string{"pause-1", "pause-2"}[i],
		})
	}
	for _, d := range policy.New(s).Step(o).Decisions {
		if d.Kind == policy.Pause {
			t.Errorf("paused again: %+v", d)
		}
	}
}

// TestDisown adopts a revision on the word of an old observation: when it turns
// out that it was not available any more, there is nothing to return to.
func TestDisown(t *testing.T) {
	e := policy.New(settings())
	o := broken(1, noon)
	o.Revisions[1].Failures = nil
	adoption := only(t, step(e, o).Decisions, policy.Remember)
	if !adoption.Record.Adopted || adoption.AtLeast != 1 {
		t.Fatalf("decided %+v, want an adoption that asks for an available pod", adoption)
	}
	e.Step(policy.Outcome{At: noon, Workload: o.Workload, DecisionID: adoption.ID, Kind: adoption.Kind, Result: policy.Stale})
	refused := only(t, e.Step(broken(2, noon.Add(time.Second))).Decisions, policy.Remember)
	if refused.Record.Refused == nil || refused.Record.Refused.Reason != "NoTarget" {
		t.Errorf("decided %+v, want NoTarget", refused.Record)
	}
}

// only is the one decision of a kind.
func only(t *testing.T, all []policy.Decision, kind policy.DecisionKind) policy.Decision {
	t.Helper()
	var found []policy.Decision
	for _, d := range all {
		if d.Kind == kind {
			found = append(found, d)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d decisions of kind %s in %+v, want 1", len(found), kind, all)
	}
	return found[0]
}

// step takes one input and answers every question about what changed: with the
// image, as the watcher would.
func step(e *policy.Engine, in policy.Input) policy.Ready {
	r := e.Step(in)
	for _, d := range r.Decisions {
		if d.Kind != policy.Compare {
			continue
		}
		o := in.(*policy.Observation)
		next := e.Step(policy.Comparison{At: o.At, Workload: d.Workload, From: d.From.UID, To: d.To.UID, Changes: []policy.Change{
			{Path: "spec.containers[app].image", From: "shop:1.0", To: "shop:1.1"},
		}})
		r.Decisions = append(r.Decisions, next.Decisions...)
		r.Transitions = append(r.Transitions, next.Transitions...)
		r.WakeAt = next.WakeAt
	}
	return r
}
