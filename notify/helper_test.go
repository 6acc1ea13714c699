package notify_test

import (
	"time"

	"github.com/undog-dev/undog/notify"
)

// example is an event with every field set.
func example() notify.Event {
	at := time.Date(2026, 11, 22, 10, 15, 30, 123456789, time.UTC)
	code := int32(1)
	e := notify.New("verdict", "bad", "v1-0c8d5b7e", at, notify.Error, notify.Data{
		Cluster:  "demo",
		Workload: notify.Workload{Kind: "Deployment", Namespace: "shop", Name: "web.front", UID: "0f6c6d1e"},
		Phase:    notify.Phase{From: "Suspect", To: "RollingBack"},
		Reason:   "CrashLoop",
		Message:  `container app exited 3 times with exit code 1 <"oops" & more>`,
		Revision: notify.Revision{UID: "rs-2", Name: "web-66d9", Hash: "66d9", Number: 2, Images: []string{"example.org/web:v1.1"}},
		Target:   notify.Revision{UID: "rs-1", Name: "web-5f7c", Hash: "5f7c", Number: 1, Images: []string{"example.org/web:v1.0"}},
		Policy:   "default", Action: "rollback", DecisionID: "d-1",
		Failures: []notify.Failure{{
			Reason: "Error", Container: "app", ExitCode: &code, Message: "SyntaxError: größe", Pods: 2, Nodes: 1, Count: 6,
			Samples: []string{"web-66d9-a", "web-66d9-b"}, First: at.Add(-14 * time.Second), Last: at,
		}},
		Changes: []notify.Change{
			{Path: "spec.containers[app].env[TOKEN]"},
			{Path: "spec.containers[app].image", From: "example.org/web:v1.0", To: "example.org/web:v1.1"},
		},
		Checks: []notify.Check{{
			Name: "greeting", New: 7, NewFailed: 7, Old: 14, Inconclusive: 1, Odds: 2300, Reason: "Hole", Step: "front page",
			Message: "a text that was never empty is empty", Excerpt: "Welcome !", Pods: []string{"web-66d9-a"},
			Differences: []notify.Difference{{Kind: "text", Where: "/footer", Old: "v1.0", New: "v1.1"}},
		}},
		Reported: &notify.Reported{At: at, Good: false, Reason: "the smoke test fails", By: "ci"},
		By:       &notify.Author{FieldManager: "helm", Tool: "Helm", At: at},
	})
	e.CorrelationID = "rollout-1"
	e.CausationID = "v1-aaaa"
	return e
}
