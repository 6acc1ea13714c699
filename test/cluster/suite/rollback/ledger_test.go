package rollback_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/policy/rollback"
)

func TestPrunedTargetComesFromTheLedger(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{})
	f.want(undog.Do(f.ctx, f.remember(f.good, policy.Good)), policy.Done, "")
	if err := f.admin.AppsV1().ReplicaSets(f.namespace).Delete(f.ctx, f.good.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	f.eventually("replica set pruned", func() bool { return len(f.replicaSets()) == 1 })
	f.want(undog.Do(f.ctx, f.undo()), policy.Done, "")
	if again := f.settled("shop:1.0"); again.UID == f.good.UID || again.Template != f.good.Template {
		t.Errorf("revision is %+v, want a new one with the template of %+v", again, f.good)
	}
}

// With revisionHistoryLimit 0 the good ReplicaSet goes as soon as the bad one
// is complete: a crash within the bake window then needs the ledger.
func TestRevisionHistoryLimitZero(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(d *appsv1.Deployment) { d.Spec.RevisionHistoryLimit = new(int32) })
	undog := f.client("undog", clientOptions{})
	f.want(undog.Do(f.ctx, f.remember(f.good, policy.Good)), policy.Done, "")
	f.becomeReady(f.pod)
	f.eventually("good replica set pruned", func() bool { return len(f.replicaSets()) == 1 })
	f.deploy = f.get()
	d := f.undo()
	d.Record.Failures = nil
	f.want(undog.Do(f.ctx, d), policy.Done, "")
	f.wantImage("shop:1.0")
}

func TestWithoutLedger(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{alter: func(o *rollback.Options) { o.Ledger = ledger.None{} }})
	f.want(undog.Do(f.ctx, f.remember(f.good, policy.Good)), policy.Done, "")
	f.want(undog.Do(f.ctx, f.undo()), policy.Done, "")
	f.wantImage("shop:1.0")
	if len(f.records()) != 0 {
		t.Errorf("ledger has %v, want nothing", f.records())
	}
}

func TestLedgerMergesWhatOthersWrote(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	other := f.client("other", clientOptions{})
	bad := f.undo().Record
	if err := other.store.Remember(f.ctx, f.workload(), bad, nil); err != nil {
		t.Fatal(err)
	}
	contested := bad
	contested.Contested = &policy.Note{At: time.Now().UTC(), Reason: "CameBack", Message: "somebody applied it again"}
	undog := f.client("undog", clientOptions{via: onPatch("controllerrevisions", 1, func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if err := other.store.Remember(f.ctx, f.workload(), contested, nil); err != nil {
			t.Error(err)
		}
		return next.RoundTrip(r)
	})})
	refused := bad
	refused.Refused = &policy.Note{At: time.Now().UTC(), Reason: "Forbidden", Message: "no permission"}
	if err := undog.store.Remember(f.ctx, f.workload(), refused, nil); err != nil {
		t.Fatal(err)
	}
	rec := f.records()[f.bad.UID]
	if rec.Contested == nil || rec.Refused == nil || rec.Verdict != policy.Bad {
		t.Errorf("a note was lost: %+v", rec)
	}
	f.want(undog.Do(f.ctx, f.remember(f.bad, policy.Good)), policy.Done, "")
	if rec := f.records()[f.bad.UID]; rec.Verdict != policy.Bad || rec.DecisionID != "decision-1" {
		t.Errorf("bad became good: %+v", rec)
	}
}

func TestLedgerWritesOncePerRecord(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{})
	d := f.remember(f.good, policy.Good)
	f.want(undog.Do(f.ctx, d), policy.Done, "")
	get := func() string {
		cr, err := f.admin.AppsV1().ControllerRevisions(f.namespace).Get(f.ctx, ledger.Name(f.workload(), f.good.UID), metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return cr.ResourceVersion
	}
	first := get()
	d.Record.At = d.Record.At.Add(time.Second)
	f.want(undog.Do(f.ctx, d), policy.Done, "")
	if again := get(); again != first {
		t.Errorf("resource version moved from %s to %s", first, again)
	}
}

func TestLedgerGoesWithTheDeployment(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{})
	f.want(undog.Do(f.ctx, f.remember(f.good, policy.Good)), policy.Done, "")
	if err := f.admin.AppsV1().Deployments(f.namespace).Delete(f.ctx, "shop", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	f.eventually("ledger collected", func() bool { return len(f.records()) == 0 })
	f.want(undog.Do(f.ctx, f.remember(f.good, policy.Good)), policy.Vanished, rollback.Gone)
	if len(f.records()) != 0 {
		t.Error("a record was made for a workload that is gone")
	}
}

func TestLedgerLeavesForeignObjectsAlone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{})
	cr := &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{Name: ledger.Name(f.workload(), f.good.UID)}}
	cr.Data.Raw = []byte(`{"spec":{"foreign":true}}`)
	made, err := f.admin.AppsV1().ControllerRevisions(f.namespace).Create(f.ctx, cr, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := undog.store.Template(f.ctx, f.workload(), f.good.UID); err == nil {
		t.Error("a foreign template was taken for the ledger's")
	}
	f.want(undog.Do(f.ctx, f.remember(f.good, policy.Good)), policy.Done, "")
	now, err := f.admin.AppsV1().ControllerRevisions(f.namespace).Get(f.ctx, cr.Name, metav1.GetOptions{})
	if err != nil || now.ResourceVersion != made.ResourceVersion {
		t.Errorf("the foreign object was changed: %+v, %v", now, err)
	}
	if raw, err := undog.store.Template(f.ctx, f.workload(), f.good.UID); err != nil || strings.Contains(string(raw), "foreign") {
		t.Errorf("template is %s, %v", raw, err)
	}
}

func TestPrune(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{})
	begin := time.Now().UTC().Add(-time.Hour)
	for i := range ledger.Keep + 4 {
		rec := policy.Record{
			Revision: policy.RevisionRef{UID: fmt.Sprintf("uid-%02d", i), Number: int64(i)},
			Verdict:  policy.Bad, Reason: "CrashLoop", At: begin.Add(time.Duration(i) * time.Minute),
		}
		if i == 1 {
			rec.Verdict = policy.Good
		}
		if err := undog.store.Remember(f.ctx, f.workload(), rec, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := undog.store.Prune(f.ctx, f.workload()); err != nil {
		t.Fatal(err)
	}
	left := f.records()
	if len(left) != ledger.Keep+1 || left["uid-01"].Verdict != policy.Good || left["uid-04"].Reason == "" {
		t.Errorf("%d records are left: %v", len(left), left)
	}
	_, err := f.admin.AppsV1().ControllerRevisions(f.namespace).Get(f.ctx, ledger.Name(f.workload(), "uid-03"), metav1.GetOptions{})
	if !apierrors.IsNotFound(err) {
		t.Errorf("the oldest bad record is still there: %v", err)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	undog := f.client("undog", clientOptions{})
	d := policy.Decision{Kind: policy.Compare, Workload: f.workload(), From: f.good, To: f.bad}
	got := undog.Compare(f.ctx, d)
	if got.Err != "" || len(got.Changes) != 1 ||
		got.Changes[0] != (policy.Change{Path: "spec.containers[app].image", From: "shop:1.0", To: "shop:1.1"}) {
		t.Errorf("comparison is %+v", got)
	}
	d.From.UID = "never-was"
	if got := undog.Compare(f.ctx, d); got.Err == "" || got.Changes != nil {
		t.Errorf("comparison with nothing is %+v", got)
	}
}
