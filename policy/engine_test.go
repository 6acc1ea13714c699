package policy_test

import (
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// healthy is a workload whose only revision has been ready for an hour.
func healthy(version uint64, at time.Time) *policy.Observation {
	ref := policy.RevisionRef{UID: "rs-1", Number: 1, Template: "t1", Images: []string{"shop:1.0"}}
	return &policy.Observation{
		At: at, Version: version, Workload: policy.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: "d-1"},
		Generation: 1, ObservedGeneration: 1, Template: "t1",
		Replicas: 2, UpdatedReplicas: 2, TotalReplicas: 2, ReadyReplicas: 2, AvailableReplicas: 2,
		Revisions: []policy.Revision{{
			RevisionRef: ref, CreatedAt: at.Add(-time.Hour), Pods: 2, Scheduled: 2, Started: 2, Ready: 2,
			ReadySince: at.Add(-time.Hour), AllReadySince: at.Add(-time.Hour),
		}},
	}
}

// broken is the same workload with a second revision that crashes.
func broken(version uint64, at time.Time) *policy.Observation {
	o := healthy(version, at)
	o.Generation, o.ObservedGeneration, o.Template = 2, 2, "t2"
	o.UpdatedReplicas, o.TotalReplicas = 1, 3
	o.Revisions = append(o.Revisions, policy.Revision{
		RevisionRef: policy.RevisionRef{UID: "rs-2", Number: 2, Template: "t2", Images: []string{"shop:1.1"}},
		CreatedAt:   at, Pods: 1, Scheduled: 1, Started: 1,
		Failures: []policy.Failure{{
			Reason: "Error", Container: "app", Exited: true, ExitCode: 3, Pods: 1, Nodes: 1,
			Count: 3, MaxCount: 3, Repeated: 1, First: at, Last: at,
		}},
	})
	return o
}

func settings() policy.Settings {
	return policy.Settings{
		Cluster: "test", Mode: policy.Enforce,
		Policies: []policy.Policy{{Name: "default", Action: policy.ActionRollback, Bake: 10 * time.Minute}},
	}
}

// TestDurableAgrees checks that what is derived from the ledger later is what
// was told when it happened: same ids, same words.
func TestDurableAgrees(t *testing.T) {
	e := policy.New(settings())
	e.Step(healthy(1, noon))
	o := broken(2, noon.Add(time.Minute))
	o.EditedBy, o.EditedAt, o.Manager = "helm", noon, "Helm"
	var undo policy.Decision
	for _, d := range step(e, o).Decisions {
		if d.Kind == policy.Undo {
			undo = d
		}
	}
	if undo.ID == "" {
		t.Fatal("the broken revision was not undone")
	}
	at := noon.Add(time.Minute + time.Second)
	told := e.Step(policy.Outcome{
		At: at, Workload: o.Workload, DecisionID: undo.ID, Kind: undo.Kind,
		Result: policy.Done, Generation: 3,
	}).Transitions

	o.Records = []policy.Record{undo.Record}
	o.Rollbacks = []policy.Rollback{{DecisionID: undo.ID, At: at, From: "rs-2", To: "rs-1", Template: "t2"}}
	derived := policy.Durable("test", o)
	if len(told) != 2 || len(derived) != len(told) {
		t.Fatalf("told %d transitions and derived %d, want 2 of each", len(told), len(derived))
	}
	for i := range told {
		a, b := told[i], derived[i]
		if a.ID != b.ID || a.Kind != b.Kind || a.Message != b.Message || !a.At.Equal(b.At) || a.DecisionID != b.DecisionID || a.Cause != b.Cause {
			t.Errorf("told %+v\nderived %+v", a, b)
		}
		if want := (policy.Author{FieldManager: "helm", Tool: "Helm", At: noon}); a.By == nil || b.By == nil || *a.By != want || *b.By != want {
			t.Errorf("%s: by %+v, derived %+v, want %+v", a.Kind, a.By, b.By, want)
		}
		if !a.Kind.Durable() {
			t.Errorf("%s is derived from the ledger but does not say it is durable", a.Kind)
		}
	}
	if told[0].Cause != "" || told[1].Cause != told[0].ID {
		t.Errorf("caused by %q and %q, want nothing and %q", told[0].Cause, told[1].Cause, told[0].ID)
	}
}

// TestIDsDiffer checks that no two transitions of a rollout share an id, and
// that another cluster of the same workloads has others.
func TestIDsDiffer(t *testing.T) {
	seen := map[string]string{}
	for _, cluster := range []string{"a", "b"} {
		rec := policy.Record{
			Revision: policy.RevisionRef{UID: "rs-2"}, Verdict: policy.Bad, DecisionID: "d",
			Refused: &policy.Note{Reason: "NoTarget"}, Contested: &policy.Note{Reason: "Reapplied"},
		}
		o := &policy.Observation{
			Workload: policy.Workload{Kind: "Deployment", UID: "d-1"}, Records: []policy.Record{rec},
			Rollbacks: []policy.Rollback{{DecisionID: "d"}},
		}
		for _, tr := range policy.Durable(cluster, o) {
			if other, dup := seen[tr.ID]; dup {
				t.Errorf("%s in cluster %s has the id of %s", tr.Kind, cluster, other)
			}
			seen[tr.ID] = string(tr.Kind) + " in " + cluster
		}
	}
	if len(seen) != 8 {
		t.Errorf("got %d ids, want 8", len(seen))
	}
}

// TestDeterminism checks that the same inputs give the same outputs.
func TestDeterminism(t *testing.T) {
	play := func() []policy.Ready {
		e := policy.New(settings())
		var out []policy.Ready
		out = append(out, e.Step(healthy(1, noon)), step(e, broken(2, noon.Add(time.Minute))),
			e.Step(policy.Wake{At: noon.Add(time.Hour)}))
		return out
	}
	a, b := play(), play()
	for i := range a {
		if len(a[i].Decisions) != len(b[i].Decisions) || !a[i].WakeAt.Equal(b[i].WakeAt) {
			t.Fatalf("step %d: %+v and %+v", i, a[i], b[i])
		}
		for j := range a[i].Decisions {
			if a[i].Decisions[j].ID != b[i].Decisions[j].ID {
				t.Errorf("step %d, decision %d: ids %s and %s", i, j, a[i].Decisions[j].ID, b[i].Decisions[j].ID)
			}
		}
	}
}

// TestUnchangedAllocatesNothing holds the engine to its budget.
func TestUnchangedAllocatesNothing(t *testing.T) {
	e := policy.New(settings())
	o := broken(1, noon)
	e.Step(o)
	if n := testing.AllocsPerRun(100, func() { e.Step(o) }); n != 0 {
		t.Errorf("an unchanged observation costs %v allocations, want 0", n)
	}
}

func BenchmarkStepUnchanged(b *testing.B) {
	e := policy.New(settings())
	o := broken(1, noon)
	e.Step(o)
	b.ReportAllocs()
	for b.Loop() {
		e.Step(o)
	}
}

func BenchmarkStepChanged(b *testing.B) {
	e := policy.New(settings())
	o := broken(1, noon)
	b.ReportAllocs()
	for b.Loop() {
		o.Version++
		e.Step(o)
	}
}
