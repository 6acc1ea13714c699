package play

import (
	"reflect"
	"testing"

	"github.com/undog-dev/undog/test/corpus/scenario"
)

const crash = `
id: X01
title: It exits
why: It exits each time.
class: crash
new: {plays: [{play: {exits: [{after: 2s, code: 1}], ready: {never: true}}}]}
expect: [{verdict: rollback, latest: 90s}]
`

func parse(t *testing.T, text string) *scenario.Scenario {
	t.Helper()
	s, err := scenario.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var cell = scenario.Cell{Replicas: 3, Strategy: scenario.Rolling, Seed: 1}

func run(t *testing.T, o Options) *Result {
	t.Helper()
	r, err := Run(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestSameSeedSameHistory plays one cell twice.
func TestSameSeedSameHistory(t *testing.T) {
	t.Parallel()
	s := parse(t, crash)
	a, b := run(t, Options{Scenario: s, Cell: cell}), run(t, Options{Scenario: s, Cell: cell})
	if !reflect.DeepEqual(a.Told, b.Told) || a.Writes != b.Writes {
		t.Errorf("the same cell was played in two ways:\n%v\n%v", a.Told, b.Told)
	}
	other := cell
	other.Seed = 2
	if c := run(t, Options{Scenario: s, Cell: other}); reflect.DeepEqual(a.Workloads["web"].Undone, c.Workloads["web"].Undone) {
		t.Error("two seeds make one history")
	}
}

// TestCheckFails expects what is not so, in every way.
func TestCheckFails(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"no rollback":    "expect: [{verdict: none}]",
		"a hold":         "expect: [{verdict: hold, reasons: [Paused]}]",
		"too early":      "expect: [{verdict: rollback, latest: 1s}]",
		"another reason": "expect: [{verdict: rollback, latest: 90s, reasons: [OOMKilled]}]",
		"twice":          "expect: [{verdict: rollback, latest: 90s, undos: 2}]",
		"another end":    "expect: [{verdict: rollback, latest: 90s, final: v2}]",
		"another hold":   "expect: [{verdict: rollback, latest: 90s, held: [Paused]}]",
		"another event":  "expect: [{verdict: rollback, latest: 90s, told: [rollout.halted]}]",
	} {
		s := parse(t, crash)
		wrong := parse(t, crash[:len(crash)-len("expect: [{verdict: rollback, latest: 90s}]\n")]+want)
		r := run(t, Options{Scenario: s, Cell: cell})
		if err := r.Check(); err != nil {
			t.Errorf("the right expectation fails: %v", err)
		}
		r.Scenario = wrong
		if r.Check() == nil {
			t.Errorf("%s: the check passes", name)
		}
	}
}

// TestJudgesDoNotAct lets one look on that would roll back at once.
func TestJudgesDoNotAct(t *testing.T) {
	t.Parallel()
	r := run(t, Options{Scenario: parse(t, crash), Cell: cell, Judges: func() []Judge { return []Judge{hasty{}} }})
	o := r.Workloads["web"]
	if _, judged := o.Judged["hasty"]; !judged || len(o.Undone) > 0 || o.Final != "v2" || r.Writes > 0 {
		t.Errorf("judged %v, undone %v, final %s, %d writes: want one that judged and nothing done", o.Judged, o.Undone, o.Final, r.Writes)
	}
}

type hasty struct{}

func (hasty) Name() string   { return "hasty" }
func (hasty) Look(View) bool { return true }
