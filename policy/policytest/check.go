package policytest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/undog-dev/undog/policy"
)

// checks sets which checks there are, for every workload.
func (w *World) checks(d *datadriven.TestData) {
	for _, name := range list(d, "checks") {
		w.settings.Checks = append(w.settings.Checks, policy.Check{Name: name})
	}
	for i := range w.settings.Checks {
		w.settings.Checks[i].Every = span(d, "every", w.settings.Checks[i].Every)
	}
}

func list(d *datadriven.TestData, key string) []string {
	s := text(d, key, "")
	if s == "" {
		return nil
	}
	return strings.Split(s, "+")
}

// keep keeps what the engine asked for, until it is answered.
func (w *World) keep(r policy.Ready) {
	w.told = append(w.told, r.Transitions...)
	for _, d := range r.Decisions {
		if d.Kind == policy.Play {
			w.plays[d.Check] = d
		} else {
			w.open = append(w.open, d)
		}
	}
	w.due = r.WakeAt
}

// results answers the play of a check, n times, each time that it is asked for,
// until the engine decides something.
func (w *World) results(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	var said []string
	name := text(d, "check", "")
	played := 0
	for range number(d, "n", 1) {
		if played > 0 && len(w.open) > 0 {
			break
		}
		if err := w.await(name, &said); err != "" {
			t.Fatalf("%s: %s", d.Pos, err)
		}
		asked, ok := w.plays[name]
		if !ok {
			break
		}
		delete(w.plays, name)
		played++
		said = append(said, w.print(w.engine.Step(w.result(d, asked))))
	}
	if len(said) == 1 {
		return said[0]
	}
	var b strings.Builder
	for i, s := range said {
		for line := range strings.Lines(s) {
			if i == len(said)-1 || strings.HasPrefix(line, "tell") || strings.HasPrefix(line, "decide") && !strings.HasPrefix(line, "decide Play") {
				b.WriteString(line)
			}
		}
	}
	fmt.Fprintf(&b, "%d results, now %s\n", played, w.now.Sub(epoch))
	return b.String()
}

// await lets time pass until the engine asks for a check, or decides something.
func (w *World) await(name string, said *[]string) string {
	for range 100 {
		if _, asked := w.plays[name]; asked || len(*said) > 0 && len(w.open) > 0 {
			return ""
		}
		if w.due.IsZero() {
			return fmt.Sprintf("check %s is not asked for, nor will it be", name)
		}
		if w.due.After(w.now) {
			w.now = w.due
		}
		*said = append(*said, w.print(w.engine.Step(policy.Wake{At: w.now})))
	}
	return fmt.Sprintf("check %s is not asked for after 100 wakes", name)
}

// result is what a play gave.
func (w *World) result(d *datadriven.TestData, asked policy.Decision) policy.CheckResult {
	r := policy.CheckResult{
		At: w.now, Workload: asked.Workload, DecisionID: asked.ID, Check: asked.Check, Revision: asked.From.UID,
		New: int(number(d, "new", 0)), NewFailed: int(number(d, "newFailed", 0)),
		Old: int(number(d, "old", 0)), OldFailed: int(number(d, "oldFailed", 0)),
		Absolute: d.HasArg("absolute"), Silent: d.HasArg("silent"), Reason: text(d, "reason", ""), Step: text(d, "step", ""),
		Message: strings.TrimSpace(d.Input), RetryAfter: span(d, "retry", 0),
	}
	failing := list(d, "failing")
	for _, p := range list(d, "pods") {
		name, node, _ := strings.Cut(p, "@")
		r.Pods = append(r.Pods, policy.CheckedPod{Name: name, Node: node, Failed: slices.Contains(failing, name)})
	}
	if r.Pods == nil && r.New > 0 {
		r.Pods = []policy.CheckedPod{{Name: "web-1", Node: "node-1", Failed: r.NewFailed > 0}}
	}
	for _, s := range list(d, "differs") {
		kind, where, _ := strings.Cut(s, "@")
		r.Differences = append(r.Differences, policy.Difference{Kind: kind, Where: where, Old: "a", New: "b"})
	}
	return r
}

// report is a verdict from outside.
func (w *World) report(d *datadriven.TestData) policy.Report {
	r := policy.Report{
		At: w.now, Workload: w.obs.Workload, Revision: text(d, "revision", ""), Good: d.HasArg("good"),
		Reason: strings.TrimSpace(d.Input), By: text(d, "by", ""),
	}
	if d.HasArg("fresh") {
		r.Observation = w.shown()
	}
	return r
}

// explain says what the engine thinks of the checks.
func (w *World) explain() string {
	x := w.engine.Explain(w.shown(), w.now)
	var b strings.Builder
	for _, c := range x.Checks {
		fmt.Fprintf(&b, "check %s: %s; %s\n", c.Check, c.Standing, c.Pace)
	}
	for _, t := range x.Targets {
		fmt.Fprintf(&b, "target revision %d: %s\n", t.Revision.Number, t.Message)
	}
	return b.String() + x.Verdict + "\n"
}
