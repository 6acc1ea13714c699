package policytest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/undog-dev/undog/policy"
)

// changes reads what was changed, one field per line.
func changes(t *testing.T, d *datadriven.TestData) []policy.Change {
	t.Helper()
	all := []policy.Change{}
	for line := range strings.Lines(d.Input) {
		words := strings.Fields(line)
		if len(words) != 3 {
			t.Fatalf("%s: %q is not PATH FROM TO", d.Pos, line)
		}
		for i := range words {
			words[i] = strings.TrimPrefix(words[i], "-")
		}
		all = append(all, policy.Change{Path: words[0], From: words[1], To: words[2]})
	}
	return all
}

// incident lets pods of a revision fail for the first time.
func (w *World) incident(t *testing.T, d *datadriven.TestData) {
	t.Helper()
	r := w.named(t, d)
	nodes := number(d, "nodes", 1)
	for i := range number(d, "pods", 1) {
		r.Incidents = append(r.Incidents, policy.Incident{
			Pod: fmt.Sprintf("web-%d-%d", r.Number, len(r.Incidents)), Node: fmt.Sprintf("node-%d", i%nodes),
			At: w.now, WasReady: d.HasArg("wasReady"),
		})
	}
}

// refuse lets the API server refuse a revision's pods, or no longer.
func (w *World) refuse(t *testing.T, d *datadriven.TestData) {
	t.Helper()
	r := w.named(t, d)
	message := strings.TrimSpace(d.Input)
	if message == "" {
		r.ReplicaFailure = nil
		return
	}
	since := w.now
	if r.ReplicaFailure != nil {
		since = r.ReplicaFailure.Since
	}
	r.ReplicaFailure = &policy.Condition{Status: "True", Reason: "FailedCreate", Message: message, Since: since}
}
