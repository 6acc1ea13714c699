package history_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/undog-dev/undog/cmd/undog/history"
	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/policy"
)

var update = flag.Bool("update", false, "rewrite the expected text in testdata")

var night = time.Date(2026, 3, 4, 3, 4, 5, 0, time.UTC)

func ref(n int64) policy.RevisionRef {
	return policy.RevisionRef{UID: fmt.Sprint("u", n), Name: fmt.Sprint("web-", n), Number: n, Template: fmt.Sprint("t", n), Images: []string{fmt.Sprintf("web:1.%d", n)}}
}

// observed is a Deployment that undog took back from revision 3 to 2, which is
// now number 4, and whose first revision only the ledger has.
func observed() *policy.Observation {
	back := ref(2)
	back.Number = 4
	bad := policy.Record{
		Revision: ref(3), Verdict: policy.Bad, Reason: "CrashLoop", Message: "container app exited with code 3: 9 times\x1b[2J", At: night.Add(-5 * time.Minute),
		DecisionID: "d", Action: policy.ActionRollback, Target: ref(2),
		Contested: &policy.Note{At: night.Add(-time.Minute), Reason: "Reapplied", Message: "applied again by argocd-controller"},
		Checks: []policy.CheckEvidence{{
			Check: "greeting", New: 7, NewFailed: 7, Old: 14, Odds: 2300, Reason: "Hole", Step: "front page", Message: "a text that was never empty is empty",
			Excerpt: "Welcome !\x1b[2J", Pods: []string{"web-3-a"}, Differences: []policy.Difference{{Kind: "text", Where: "/footer", Old: "v1.2", New: "v1.3"}},
		}},
		Captured: []policy.Captured{{
			Pod: "web-3-a", Container: "app", State: "exited with code 3 (Error); restarts: 2", Previous: true, Left: 3,
			Lines: []string{"connecting with password=[redacted]", "no route to host\x1b[2J"},
		}},
		Reported: &policy.Reported{At: night.Add(-6 * time.Minute), Reason: "checkout fails for guests", By: "ci"},
	}
	return &policy.Observation{
		At: night, Workload: policy.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: "d"}, Template: back.Template,
		EditedBy: "helm", EditedAt: night.Add(-20 * 24 * time.Hour),
		Revisions: []policy.Revision{
			{RevisionRef: ref(3), CreatedAt: night.Add(-10 * time.Minute), Pods: 1},
			{RevisionRef: back, CreatedAt: night.Add(-20 * 24 * time.Hour), Pods: 4, Ready: 3},
		},
		Records: []policy.Record{
			{Revision: ref(1), Verdict: policy.Bad, Reason: "MissingConfig", Message: "ConfigMap shop is missing", At: night.Add(-30 * 24 * time.Hour), Refused: &policy.Note{At: night.Add(-30 * 24 * time.Hour), Reason: "NoTarget", Message: "no other revision has been proven good"}},
			{Revision: ref(2), Verdict: policy.Good, Reason: "BakeComplete", Message: "stayed available for 10m", At: night.Add(-19 * 24 * time.Hour)},
			bad,
		},
		Rollbacks: []policy.Rollback{{DecisionID: "d", At: night.Add(-5 * time.Minute), From: "u3", To: "u2", Template: "t3"}},
	}
}

func TestText(t *testing.T) {
	h := history.Of(observed())
	h.Revisions[0].Earlier, h.Revisions[0].Against = "2", 3
	h.Revisions[0].Changes = []policy.Change{{Path: "spec.containers[app].image", From: "web:1.3", To: "web:1.2"}, {Path: "spec.containers[app].env[TOKEN]"}}
	h.Revisions[1].ChangeCause, h.Revisions[1].Against = "faster search", 1
	h.Cut = 2
	p := page.New(page.Default, false)
	h.Lay(p, time.UTC)
	const golden = "testdata/history.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(p.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if p.String() != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", p.String(), want)
	}
}

// The newest are kept, whatever a Deployment keeps.
func TestHistoryIsBounded(t *testing.T) {
	o := observed()
	for n := range int64(3 * history.MaxRevisions) {
		o.Revisions = append(o.Revisions, policy.Revision{RevisionRef: ref(n + 10)})
	}
	h := history.Of(o)
	if len(h.Revisions) != history.MaxRevisions || h.Cut != 2*history.MaxRevisions+3 || h.Revisions[0].Number != 3*history.MaxRevisions+9 {
		t.Errorf("%d revisions from %d on, %d cut", len(h.Revisions), h.Revisions[0].Number, h.Cut)
	}
}
