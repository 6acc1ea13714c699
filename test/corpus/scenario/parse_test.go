package scenario

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

const good = `
id: X01
title: It exits
why: It exits each time.
class: crash
new:
  patch: {spec: {containers: [{name: app, command: [/serve]}]}}
  plays: [{play: {exits: [{after: 2s, code: 1}]}}]
expect: [{verdict: rollback, latest: 60s}]
`

func TestParseCompletes(t *testing.T) {
	t.Parallel()
	s, err := Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if w := s.Workload("web"); w == nil || len(w.Revisions) != 2 {
		t.Fatalf("the workloads are %+v, want web with v1 and v2", s.Workloads)
	}
	if len(s.Events) != 1 || s.Events[0].Release != "v2" || s.Events[0].At.Duration != 0 {
		t.Errorf("the timeline is %+v, want v2 released at 0s", s.Events)
	}
	if n := len(s.Cells(Seeds)); n != 60 {
		t.Errorf("there are %d cells, want 4 sizes, 3 strategies and 5 seeds", n)
	}
	if s.LeadFor() != 13*time.Minute {
		t.Errorf("the lead is %s, want the bake window and 3m", s.LeadFor())
	}
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	s, err := Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	tmpl, err := s.Workloads[0].Template("v2")
	if err != nil {
		t.Fatal(err)
	}
	c := tmpl.Spec.Containers[0]
	if c.Image != "registry.example/web:v2" || len(c.Command) != 1 || c.ReadinessProbe == nil || tmpl.Labels[LabelVersion] != "v2" {
		t.Errorf("the template is %+v: want its own image and label, the patch, and the default probe", tmpl)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ from, to, want string }{
		"an unknown key":        {"title:", "tilte: x\ntitle:", `unknown field "tilte"`},
		"an unknown class":      {"class: crash", "class: cash", `class: "cash" is unknown: use one of image`},
		"a bad ID":              {"id: X01", "id: Y1", `id: "Y1" is not B, G, X or Y and two digits`},
		"no reason":             {"why: It exits each time.", "why: ''", "why: is empty"},
		"no latest":             {", latest: 60s", "", "expect[0].latest"},
		"a hold without reason": {"verdict: rollback, latest: 60s", "verdict: hold", "expect[0].reasons: is empty"},
		"a play that is none":   {"after: 2s", "after: 2", "2 is not a duration"},
		"a patch of nothing":    {"command: [/serve]", "comand: [/serve]", `unknown field "spec.containers[0].comand"`},
		"an unknown veto cell":  {"expect:", "matrix: {replicas: [7], because: x}\nexpect:", "matrix.replicas: 7 is not in the matrix"},
		"a matrix without why":  {"expect:", "matrix: {replicas: [3]}\nexpect:", "matrix.because"},
		"two actions":           {"expect:", "timeline: [{at: 0s, release: v2, pause: true}]\nexpect:", "timeline[0]: has the actions [release, pause]: give exactly one"},
		"no action":             {"expect:", "timeline: [{at: 0s}]\nexpect:", "timeline[0]: has the actions []"},
		"an unknown revision":   {"expect:", "timeline: [{at: 0s, release: v9}]\nexpect:", `timeline[0].release: "v9" is not a revision of web: it has v1, v2`},
		"a time without unit":   {"expect:", "timeline: [{at: '5', pause: true}]\nexpect:", `timeline[0].at: "5" is not a time`},
		"an unknown workload":   {"expect:", "timeline: [{at: 0s, workload: api, pause: true}]\nexpect:", `timeline[0].workload: "api" is not one of the workloads`},
		"an odd scale":          {"expect:", "timeline: [{at: 0s, scale: many}]\nexpect:", `timeline[0].scale: "many" is not a number of pods`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(good, c.from, c.to, 1)
			if text == good {
				t.Fatalf("%q is not in the good scenario", c.from)
			}
			if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want it to say %q", err, c.want)
			}
		})
	}
}

func TestLoadAllRefusesTwoOfOneID(t *testing.T) {
	t.Parallel()
	file := &fstest.MapFile{Data: []byte(good)}
	_, err := LoadAll(fstest.MapFS{"X01-a.yaml": file, "X01-b.yaml": file})
	if err == nil || !strings.Contains(err.Error(), `"X01" is that of X01-a.yaml as well`) {
		t.Errorf("the error is %v, want it to name both files", err)
	}
}

func TestExpectedByCell(t *testing.T) {
	t.Parallel()
	s, err := Parse([]byte(strings.Replace(good, "latest: 60s}]",
		"latest: 60s}, {cells: {replicas: [1]}, verdict: none, because: one is none}]", 1)))
	if err != nil {
		t.Fatal(err)
	}
	for replicas, want := range map[int32]Verdict{1: None, 3: Rollback} {
		if got := s.Expected(Cell{Replicas: replicas, Strategy: Surge, Seed: 1}); len(got) != 1 || got[0].Verdict != want {
			t.Errorf("with %d replicas %+v is expected, want %s", replicas, got, want)
		}
	}
}

func TestCellRoundTrip(t *testing.T) {
	t.Parallel()
	for _, n := range Replicas {
		for _, st := range Strategies {
			want := Cell{Replicas: n, Strategy: st, Seed: 4}
			if got, err := ParseCell(want.String()); err != nil || got != want {
				t.Errorf("%s is read as %+v (%v)", want, got, err)
			}
		}
	}
	for _, bad := range []string{"3", "3/rolling", "x/rolling/1", "3/slowly/1"} {
		if _, err := ParseCell(bad); err == nil {
			t.Errorf("%q is read as a cell", bad)
		}
	}
}
