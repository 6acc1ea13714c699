package corpus_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	real "github.com/undog-dev/undog/test/cluster/suite/corpus"
	"github.com/undog-dev/undog/test/corpus"
	"github.com/undog-dev/undog/test/corpus/scenario"
	"github.com/undog-dev/undog/test/script"
)

const (
	rights = "../../../../deploy/rbac.yaml"
	// patience bounds the test on a machine that is busy.
	patience = 6 * time.Minute
	// bake is short, so that the first revisions are soon found good.
	bake = 5 * time.Second
	// atMost is how long a scenario of the test is played.
	atMost = 45 * time.Second
)

// few are scenarios that are soon over: with every verdict, a fix, a
// fight, a drained node, pods that the API server refuses, and a page that is wrong.
var few = []string{"B01", "B07", "B32", "B34", "G03", "G09", "G15", "G23", "G26", "X53"}

// A few scenarios on a real control plane. Their bake window is short, and
// they begin when the first revisions were found good.
func TestFew(t *testing.T) {
	all, err := corpus.Load()
	if err != nil {
		t.Fatal(err)
	}
	var runs []*real.Run
	for _, s := range all {
		if !slices.Contains(few, s.ID) {
			continue
		}
		quick := *s
		quick.Policy.Bake, quick.For = script.For(bake), script.For(atMost)
		quick.Events = slices.Clone(s.Events)
		for i := range quick.Events {
			// What comes long before the release has its effect at once, too.
			quick.Events[i].At.Duration = max(quick.Events[i].At.Duration, -2*time.Second)
			quick.Events[i].At.Duration = min(quick.Events[i].At.Duration, atMost/3)
		}
		runs = append(runs, &real.Run{Scenario: &quick, Cell: real.Natural(s)})
	}
	if len(runs) != len(few) {
		t.Fatalf("found %d of the scenarios %v", len(runs), few)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err = real.Play(ctx, runs, real.Settings{
		Rights: rights, Dir: t.TempDir(), AtOnce: len(runs), HostsAtOnce: 1, Short: true, Settle: 5 * time.Second, Slack: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		if r.Wrong != nil {
			t.Errorf("%s %s: %v\n%s", r.Scenario.ID, r.Cell, r.Wrong, strings.Join(r.Told, "\n"))
		}
		if r.Late > 0 {
			t.Logf("%s is late by %v", r.Scenario.ID, r.Late)
		}
	}
}

// Natural cells are in the matrix.
func TestNatural(t *testing.T) {
	all, err := corpus.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if c := real.Natural(s); !s.Matrix.Has(c) {
			t.Errorf("%s: %s is not in the matrix", s.ID, c)
		}
	}
	limited := &scenario.Scenario{Matrix: scenario.Matrix{Cells: scenario.Cells{Replicas: []int32{10}, Strategies: []scenario.Strategy{scenario.Surge}}}}
	if got, want := real.Natural(limited), (scenario.Cell{Replicas: 10, Strategy: scenario.Surge, Seed: 1}); got != want {
		t.Errorf("cell is %s, want %s", got, want)
	}
}
