package policytest

import (
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/undog-dev/undog/policy"
)

// lead makes the engine lead, or stand by.
func (w *World) lead(leads bool) string {
	in := policy.Leadership{
		At: w.now, Leads: leads, Who: policy.Workload{Namespace: "undog", Name: "undog-7d9f", UID: "undog-7d9f_k3wq0v2m4x"},
		Reason: "NotRenewed", Message: "undog-7d9f could not renew its lease in time, and stands by",
	}
	if leads {
		in.Reason, in.Message = "HandedOver", "undog-7d9f acts from now on: undog-b2c4 gave the lease back"
	}
	return w.print(w.engine.Step(in))
}

// other does to the world what another undog does that leads.
func (w *World) other(t *testing.T, d *datadriven.TestData) {
	t.Helper()
	rev := w.named(t, d)
	at := w.now
	if d.HasArg("good") {
		w.remember(policy.Record{Revision: rev.RevisionRef, Verdict: policy.Good, Reason: "BakeComplete", At: at, Policy: "default"})
		return
	}
	to := w.revision(int64(number(d, "to", 0)))
	if to == nil {
		t.Fatalf("%s: no such revision to return to", d.Pos)
	}
	w.apply(policy.Decision{ID: "other", Kind: policy.Undo, From: rev.RevisionRef, To: to.RevisionRef, Record: policy.Record{
		Revision: rev.RevisionRef, Verdict: policy.Bad, Reason: "CrashLoop", At: at, DecisionID: "other", Policy: "default",
		Action: policy.ActionRollback, Target: to.RevisionRef, Failures: rev.Failures,
	}})
}
