package main

import (
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/outbox"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/policytest"
)

// scenarios is where the engine's own scenarios lie.
const scenarios = "../../policy/testdata"

// told plays every scenario of the engine and returns, by scenario, the events
// that its subscribers would have got, and those that are derived afterwards
// from what the cluster remembers.
func told(t *testing.T) map[string][]notify.Event {
	t.Helper()
	all := map[string][]notify.Event{}
	datadriven.Walk(t, scenarios, func(t *testing.T, path string) {
		w := policytest.New()
		datadriven.RunTest(t, path, w.Handle)
		for _, tr := range slices.Concat(w.Told(), w.Durable()) {
			all[path] = append(all[path], outbox.FromTransition("demo", tr))
		}
	})
	all["brake"] = braked()
	if len(all) < 50 {
		t.Fatalf("%d scenarios were played, want at least 50", len(all))
	}
	return all
}

// braked is what is told of the fleet, which no scenario of one workload does.
func braked() []notify.Event {
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	e := policy.New(policy.Settings{Cluster: "test", Mode: policy.Enforce})
	var all []notify.Event
	for _, in := range []policy.Input{
		policy.Fleet{At: noon, Source: "another undog", Bad: 9},
		policy.Wake{At: noon.Add(time.Hour)},
	} {
		for _, tr := range e.Step(in).Transitions {
			all = append(all, outbox.FromTransition("demo", tr))
		}
	}
	return all
}
