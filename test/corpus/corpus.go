package corpus

import (
	"embed"
	"fmt"
	"io/fs"
	"runtime"
	"sync"

	"github.com/undog-dev/undog/test/corpus/baseline"
	"github.com/undog-dev/undog/test/corpus/play"
	"github.com/undog-dev/undog/test/corpus/scenario"
)

//go:embed scenarios/*.yaml
var files embed.FS

// Load reads all scenarios, sorted by ID.
func Load() ([]*scenario.Scenario, error) {
	dir, err := fs.Sub(files, "scenarios")
	if err != nil {
		return nil, fmt.Errorf("open scenarios: %w", err)
	}
	return scenario.LoadAll(dir)
}

// Run is a scenario in a cell, with what came of it.
type Run struct {
	Scenario *scenario.Scenario
	Cell     scenario.Cell
	// Result is what undog did, Judged what the other watchdogs would have.
	Result, Judged *play.Result
	// Wrong says in which ways Result is not what is expected.
	Wrong error
}

// Settings says what to play.
type Settings struct {
	// Cells are a scenario's cells.
	Cells func(s *scenario.Scenario) []scenario.Cell
	// Without names vetoes that undog does not ask.
	Without []string
	// Judges plays every run once more for the other watchdogs.
	Judges bool
}

// Play plays scenarios, several at once, and returns the runs in their order.
func Play(all []*scenario.Scenario, s Settings) ([]*Run, error) {
	var runs []*Run
	for _, sc := range all {
		for _, c := range s.Cells(sc) {
			runs = append(runs, &Run{Scenario: sc, Cell: c})
		}
	}
	work := make(chan *Run)
	errs := make([]error, runtime.GOMAXPROCS(0))
	var workers sync.WaitGroup
	for i := range errs {
		workers.Go(func() {
			for r := range work {
				if err := r.play(s); err != nil && errs[i] == nil {
					errs[i] = err
				}
			}
		})
	}
	for _, r := range runs {
		work <- r
	}
	close(work)
	workers.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return runs, nil
}

func (r *Run) play(s Settings) (err error) {
	r.Result, err = play.Run(play.Options{Scenario: r.Scenario, Cell: r.Cell, Without: s.Without})
	if err != nil {
		return err
	}
	r.Wrong = r.Result.Check()
	if s.Judges {
		r.Judged, err = play.Run(play.Options{Scenario: r.Scenario, Cell: r.Cell, Judges: baseline.All})
	}
	return err
}

// Replay is the command that plays one run again.
func Replay(s *scenario.Scenario, c scenario.Cell) string {
	return fmt.Sprintf("go run ./test/corpus/cmd/corpus -run %s -cell %s -v", s.ID, c)
}

// QuickCells are a few cells of a scenario, in which all sizes and strategies
// occur. Of one with checks, which take longer to play, each strategy occurs once.
func QuickCells(s *scenario.Scenario) []scenario.Cell {
	var out []scenario.Cell
	used := map[scenario.Strategy]bool{}
	for i, want := range []scenario.Cell{
		{Replicas: 1, Strategy: scenario.Rolling},
		{Replicas: 3, Strategy: scenario.Rolling},
		{Replicas: 3, Strategy: scenario.Recreate},
		{Replicas: 10, Strategy: scenario.Surge},
		{Replicas: 50, Strategy: scenario.Rolling},
	} {
		want.Seed = uint64(i + 1)
		if !s.Matrix.Has(want) || len(s.Checks) > 0 && used[want.Strategy] {
			continue
		}
		used[want.Strategy] = true
		out = append(out, want)
	}
	if len(out) == 0 {
		return s.Cells([]uint64{1})
	}
	return out
}

// AllCells is the whole matrix.
func AllCells(s *scenario.Scenario) []scenario.Cell { return s.Cells(scenario.Seeds) }
