package corpus

import (
	"strings"
	"testing"
)

// TestCorpus plays a few cells of every scenario.
func TestCorpus(t *testing.T) {
	t.Parallel()
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	runs, err := Play(all, Settings{Cells: QuickCells})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		if r.Wrong != nil {
			t.Errorf("%s (%s) in %s, seed %d: %v\n%s\nwhat undog told:\n%s",
				r.Scenario.ID, r.Scenario.Title, r.Cell, r.Cell.Seed, r.Wrong, Replay(r.Scenario, r.Cell), strings.Join(r.Result.Told, "\n"))
		}
	}
}
