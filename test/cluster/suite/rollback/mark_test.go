package rollback_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/policy/rollback"
)

// mark writes what a workload remembers of undos.
func (f *fixture) mark(marks ...policy.Rollback) {
	f.t.Helper()
	value, err := ledger.EncodeRollbacks(marks)
	if err != nil {
		f.t.Fatal(err)
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]string{ledger.RollbacksAnnotation: value}}})
	if err != nil {
		f.t.Fatal(err)
	}
	f.patch(string(patch))
	f.deploy = f.get()
}

// What another workload's undos were came with a manifest that was copied: it
// holds nothing back, and goes with the next undo.
func TestMarksOfAnotherWorkload(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	now := time.Now().UTC()
	f.mark(
		policy.Rollback{DecisionID: "theirs", Workload: "another", At: now, From: "x", To: "y", Template: f.bad.Template},
		policy.Rollback{DecisionID: "theirs-too", At: now.AddDate(1, 0, 0), From: "x", To: "y", Template: f.bad.Template},
	)
	undog := f.client("undog", clientOptions{})
	f.want(undog.Do(f.ctx, f.undo()), policy.Done, "")
	f.wantImage("shop:1.0")
	marks, err := ledger.DecodeRollbacks(f.get().Annotations[ledger.RollbacksAnnotation])
	if err != nil || len(marks) != 1 || marks[0].DecisionID != "decision-1" || marks[0].Workload != string(f.deploy.UID) {
		t.Errorf("rollbacks are %+v, %v", marks, err)
	}
}

func TestOwnMarksCount(t *testing.T) {
	for name, mark := range map[string]func(f *fixture) policy.Rollback{
		"of this workload": func(f *fixture) policy.Rollback {
			return policy.Rollback{DecisionID: "before", Workload: string(f.deploy.UID), From: "x", To: "y", Template: f.bad.Template}
		},
		"of an old version, between these revisions": func(f *fixture) policy.Rollback {
			return policy.Rollback{DecisionID: "before", From: f.bad.UID, To: "y", Template: f.bad.Template}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.mark(mark(f))
			undog := f.client("undog", clientOptions{})
			f.want(undog.Do(f.ctx, f.undo()), policy.Stale, rollback.UndoneBefore)
			f.wantImage("shop:1.1")
		})
	}
}

const cause = "kubernetes.io/change-cause"

func (f *fixture) tidy() policy.Decision {
	return policy.Decision{ID: "tidy-1", Kind: policy.Tidy, Workload: f.workload(), Generation: f.get().Generation, From: f.good}
}

func (f *fixture) causeOf(image string) string {
	f.t.Helper()
	for _, rs := range f.replicaSets() {
		if rs.Spec.Template.Spec.Containers[0].Image == image {
			return rs.Annotations[cause]
		}
	}
	f.t.Fatalf("no replica set of %s", image)
	return ""
}

// The cause of an undo is told of the revision that was returned to, and not of
// the owner's next release.
func TestCauseOfAnUndoDoesNotStick(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{})
	f.want(undog.Do(f.ctx, f.undo()), policy.Done, "")
	f.settled("shop:1.0")
	f.want(undog.Do(f.ctx, f.tidy()), policy.Done, "")
	f.wantOwned("undog", false)
	if got, there := f.get().Annotations[cause]; there {
		t.Errorf("the Deployment still has the cause %q", got)
	}
	f.setImage("shop:1.2")
	f.settled("shop:1.2")
	if got := f.causeOf("shop:1.0"); !strings.HasPrefix(got, "undog: back to revision 1") {
		t.Errorf("the revision that was returned to has the cause %q", got)
	}
	if got := f.causeOf("shop:1.2"); got != "" {
		t.Errorf("the owner's release has the cause %q", got)
	}
	f.want(undog.Do(f.ctx, f.tidy()), policy.NoChange, rollback.Tidied)
}

func TestTidyIsNotMade(t *testing.T) {
	for name, test := range map[string]struct {
		patch  string
		moved  bool
		result policy.Result
		reason string
	}{
		"the owner has a cause of his own": {
			patch:  `{"metadata":{"annotations":{"kubernetes.io/change-cause":"release 1.0"}}}`,
			result: policy.NoChange, reason: rollback.Tidied,
		},
		"opted out": {patch: `{"metadata":{"annotations":{"undog.dev/mode":"off"}}}`, result: policy.Refused, reason: rollback.OptedOut},
		"paused":    {patch: `{"spec":{"paused":true}}`, result: policy.Refused, reason: rollback.Paused},
		"moved on":  {patch: `{"metadata":{"annotations":{"x":"y"}}}`, moved: true, result: policy.Stale, reason: rollback.GenerationMoved},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			undog := f.client("undog", clientOptions{})
			f.want(undog.Do(f.ctx, f.undo()), policy.Done, "")
			f.settled("shop:1.0")
			before := f.tidy()
			f.patch(test.patch)
			want := f.get().Annotations[cause]
			d := f.tidy()
			if test.moved {
				d = before
			}
			f.want(undog.Do(f.ctx, d), test.result, test.reason)
			if got := f.get().Annotations[cause]; got != want {
				t.Errorf("the cause is %q, was %q", got, want)
			}
		})
	}
}
