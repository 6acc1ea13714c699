package outbox_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/outbox"
	"github.com/undog-dev/undog/policy"
)

func TestFromTransition(t *testing.T) {
	at := time.Date(2026, 11, 22, 11, 0, 0, 0, time.FixedZone("", 3600))
	tr := policy.Transition{
		ID: "id-1", Kind: policy.RollbackDone, At: at, From: policy.RollingBack, To: policy.RolledBack,
		Workload: policy.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: "u"},
		Reason:   "CrashLoop", Message: "back to revision 1", Rollout: "r-1", DecisionID: "d-1",
		Policy: "default", Action: policy.ActionRollback,
		Revision: policy.RevisionRef{UID: "rs2", Name: "web-2", Hash: "2", Number: 2, Images: []string{"web:2"}},
		Target:   policy.RevisionRef{UID: "rs1", Name: "web-1", Hash: "1", Number: 1, Images: []string{"web:1"}},
		Failures: []policy.Failure{
			{Reason: "Error", Container: "app", Exited: true, Pods: 2, Nodes: 1, Count: 6, First: at, Last: at, Samples: []string{"p"}},
			{Reason: "ErrImagePull", Container: "app", Pods: 1},
		},
		Changes: []policy.Change{{Path: "spec.containers[app].image", From: "web:1", To: "web:2"}},
		Checks: []policy.CheckEvidence{{
			Check: "greeting", New: 7, NewFailed: 6, Old: 14, OldFailed: 1, Inconclusive: 2, Odds: 2300, Reason: "Hole", Step: "s", Message: "m", Excerpt: "e",
			Pods: []string{"p"}, Differences: []policy.Difference{{Kind: "text", Where: "/", Old: "1", New: "2"}},
		}},
		Reported: &policy.Reported{At: at, Reason: "it is slow", By: "slo"},
	}
	e := outbox.FromTransition("demo", tr)
	b, err := notify.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"id":"id-1"`, `"source":"/undog/demo"`, `"type":"dev.undog.rollback.done.v1"`, `"subject":"shop/deployment/web"`,
		`"time":"2026-11-22T10:00:00Z"`, `"correlationid":"r-1"`, `"severitytext":"WARN","severitynumber":13`,
		`"phase":{"from":"RollingBack","to":"RolledBack"}`, `"revision":{"uid":"rs2","name":"web-2","hash":"2","number":2,"images":["web:2"]}`,
		`"exitCode":0`, `"policy":"default","action":"rollback","decisionId":"d-1"`, `{"reason":"ErrImagePull","container":"app","pods":1,"nodes":0,"count":0}`,
		`"changes":[{"path":"spec.containers[app].image","from":"web:1","to":"web:2"}]`,
		`"checks":[{"name":"greeting","new":7,"newFailed":6,"old":14,"oldFailed":1,"inconclusive":2,"odds":2300,"reason":"Hole","step":"s",` +
			`"message":"m","excerpt":"e","pods":["p"],"differences":[{"kind":"text","where":"/","old":"1","new":"2"}]}]`,
		`"reported":{"at":"2026-11-22T10:00:00Z","good":false,"reason":"it is slow","by":"slo"}`,
	} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("no %s in\n%s", want, b)
		}
	}
}

func TestEveryKindHasASubject(t *testing.T) {
	for _, kind := range []policy.TransitionKind{
		policy.RolloutStarted, policy.RolloutSuspect, policy.RolloutHeld, policy.RolloutCleared, policy.RolloutRecovered,
		policy.RolloutHalted, policy.VerdictGood, policy.VerdictBad, policy.RollbackDone, policy.RollbackRefused,
		policy.RollbackContested, policy.RollbackWouldHave, policy.RolloutPaused, policy.RolloutResumed,
		policy.VerdictWithdrawn, policy.BrakeEngaged, policy.BrakeReleased, policy.CheckInconclusive, policy.CheckDiffers,
		policy.LeaderElected, policy.LeaderLost, policy.ConfigReloaded, policy.ConfigRejected,
	} {
		e := outbox.FromTransition("demo", transition("a.b", kind, 0))
		a, err := e.Address()
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		subject, err := notify.Subject(a)
		if err != nil || !strings.HasSuffix(subject, ".shop.deployment.a_b."+string(kind)) {
			t.Errorf("%s: subject %q, error %v", kind, subject, err)
		}
	}
}
