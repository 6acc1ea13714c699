package corpus

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/test/corpus/play"
	"github.com/undog-dev/undog/test/corpus/scenario"
)

func TestFill(t *testing.T) {
	once := Fill("# Page\n", "one\n")
	if !strings.HasPrefix(once, "# Page\n\n") || !strings.Contains(once, begin+"one\n"+end) {
		t.Errorf("added: %q", once)
	}
	if got, want := Fill(once+"after\n", "two\n"), strings.Replace(once, "one", "two", 1)+"after\n"; got != want {
		t.Errorf("replaced: %q, want %q", got, want)
	}
}

// What is wrong or late shows.
func TestTable(t *testing.T) {
	s, err := scenario.Parse([]byte(`{id: B01, title: it fails, why: it does, class: crash, expect: [{verdict: rollback, latest: 60s}]}`))
	if err != nil {
		t.Fatal(err)
	}
	virtual := &play.Result{Workloads: map[string]*play.Outcome{"web": {Undone: []time.Duration{19 * time.Second}}}}
	for _, tt := range []struct {
		name    string
		outcome play.Outcome
		wrong   string
		row     string
	}{
		{"as expected", play.Outcome{Undone: []time.Duration{20 * time.Second}, Reason: "CrashLoop", Final: "v1", Exposed: 2}, "", "| rollback | rollback | CrashLoop | 20.0 s | 19.0 s | 60.0 s | 2 | 7 |"},
		{"late", play.Outcome{Undone: []time.Duration{70 * time.Second}, Final: "v1"}, "", "| rollback | rollback |  | 70.0 s (late) | 19.0 s | 60.0 s |"},
		{"too late", play.Outcome{Undone: []time.Duration{100 * time.Second}, Final: "v1"}, "not within", "**rollback**"},
		{"not at all", play.Outcome{Final: "v2"}, "nothing was undone", "**none** |  |  | **rollback** |"},
		{"twice", play.Outcome{Undone: []time.Duration{1, 2}, Final: "v1"}, "undone 2 times", "**rollback**"},
	} {
		o := &outcome{workloads: map[string]*play.Outcome{"web": &tt.outcome}, problems: []error{nil}}
		r := &Run{Scenario: s, Cell: Natural(s), Workloads: o.workloads, Writes: 7, Virtual: virtual}
		r.Late, r.Wrong = o.check(s, r.Cell, 30*time.Second)
		if (r.Wrong == nil) != (tt.wrong == "") || r.Wrong != nil && !strings.Contains(r.Wrong.Error(), tt.wrong) {
			t.Errorf("%s: wrong: %v, want %q", tt.name, r.Wrong, tt.wrong)
		}
		if table := Table([]*Run{r}); !strings.Contains(table, tt.row) {
			t.Errorf("%s: %s\nwant %s", tt.name, table, tt.row)
		}
	}
	o := &outcome{workloads: map[string]*play.Outcome{"web": {Undone: []time.Duration{1}, Final: "v1"}}, problems: []error{errors.New("no right")}}
	if _, err := o.check(s, Natural(s), 0); err == nil || !strings.Contains(err.Error(), "no right") {
		t.Errorf("a problem is lost: %v", err)
	}
}

// Whatever reaches further than its namespace is played alone.
func TestCompany(t *testing.T) {
	for text, want := range map[string]company{
		`expect: [{verdict: none}]`:                                                                              anyone,
		`expect: [{verdict: none}], timeline: [{at: 0s, quota: {free: 0}}]`:                                      anyone,
		`expect: [{verdict: none}], timeline: [{at: 0s, undog: restart}]`:                                        ownUndog,
		`expect: [{verdict: none}], timeline: [{at: 0s, watch: {stale: 9s}}]`:                                    ownUndog,
		`expect: [{verdict: none}], timeline: [{at: 0s, plays: [{play: {}}]}]`:                                   ownUndog,
		`expect: [{verdict: none}], undogAt: 10s`:                                                                ownUndog,
		`expect: [{verdict: none}], old: {plays: [{play: {exits: [{after: 9s, code: 1}]}}]}`:                     ownUndog,
		`expect: [{verdict: none}], new: {plays: [{play: {exits: [{after: 9s, code: 1}]}}]}`:                     anyone,
		`expect: [{verdict: none}], timeline: [{at: 0s, undog: stop}, {at: 0s, node: {name: node-1, do: down}}]`: ownHost,
		`expect: [{verdict: none}], new: {plays: [{node: node-1, play: {}}]}`:                                    ownHost,
		`expect: [{verdict: none}], nodes: [{name: node-1}]`:                                                     ownHost,
	} {
		s, err := scenario.Parse([]byte("{id: X01, title: t, why: w, class: crash, " + text + "}"))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := companyOf(s); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}

// A scenario is not over while its plays have something in store.
func TestRestless(t *testing.T) {
	for text, want := range map[string]time.Duration{
		`new: {plays: [{play: {exits: [{after: 20m, code: 1}]}}]}`:                                                   31 * time.Minute,
		`new: {plays: [{play: {evict: {after: 10m}}}]}`:                                                              16 * time.Minute,
		`new: {plays: [{play: {ready: {after: 20m}}}]}`:                                                              0,
		`old: {plays: [{play: {exits: [{after: 20m, code: 1}]}}]}`:                                                   0,
		`timeline: [{at: 0s, plays: [{revision: v2, play: {exits: [{after: 2m, code: 1}, {after: 4m, code: 1}]}}]}]`: 7 * time.Minute,
	} {
		s, err := scenario.Parse([]byte("{id: X01, title: t, why: w, class: crash, expect: [{verdict: none}], " + text + "}"))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := restless(s); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}
