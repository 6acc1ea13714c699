// Command corpus plays the corpus of scenarios in virtual time and writes what
// came of it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/undog-dev/undog/test/corpus"
	"github.com/undog-dev/undog/test/corpus/play"
	"github.com/undog-dev/undog/test/corpus/scenario"
)

func main() {
	var o options
	flag.StringVar(&o.dir, "dir", "", "play the scenarios of this directory instead")
	flag.StringVar(&o.run, "run", "", "play only the scenario with this ID")
	flag.StringVar(&o.cell, "cell", "", "play only this cell: REPLICAS/STRATEGY/SEED, as in 3/rolling/1")
	flag.StringVar(&o.without, "without", "", "with -run, do not ask this veto")
	flag.BoolVar(&o.quick, "quick", false, "play a few cells of each scenario only")
	flag.BoolVar(&o.verbose, "v", false, "print everything that happens")
	flag.StringVar(&o.page, "page", "", "write the tables into this page")
	flag.BoolVar(&o.check, "check", false, "compare the page's scenario table with a quick run instead of writing it")
	flag.BoolVar(&o.vetoes, "vetoes", false, "take each veto away: exactly its own scenarios must fail")
	flag.Parse()
	if err := o.main(); err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(1)
	}
}

type options struct {
	dir, run, cell, page, without string
	quick, verbose, check, vetoes bool
}

func (o *options) main() error {
	all, err := o.load()
	if err != nil {
		return err
	}
	switch {
	case o.vetoes:
		return o.checkVetoes(all)
	case o.check:
		return o.compare(all)
	case o.run != "" || o.cell != "":
		return o.single(all)
	}
	return o.table(all)
}

// load reads the scenarios.
func (o *options) load() ([]*scenario.Scenario, error) {
	if o.dir == "" {
		return corpus.Load()
	}
	return scenario.LoadAll(os.DirFS(o.dir))
}

// table plays the whole matrix.
func (o *options) table(all []*scenario.Scenario) error {
	cells := corpus.AllCells
	if o.quick {
		cells = corpus.QuickCells
	}
	runs, err := corpus.Play(all, corpus.Settings{Cells: cells, Judges: true})
	if err != nil {
		return err
	}
	for _, r := range runs {
		if r.Wrong != nil {
			fmt.Printf("%s %s: %v\n    %s\n", r.Scenario.ID, r.Cell, r.Wrong, corpus.Replay(r.Scenario, r.Cell))
		}
	}
	summary := corpus.Summary(runs)
	fmt.Printf("%d scenarios, %d runs\n\n%s", len(all), len(runs), summary)
	if o.page == "" {
		return nil
	}
	quick, err := corpus.Play(all, corpus.Settings{Cells: corpus.QuickCells})
	if err != nil {
		return err
	}
	page, err := os.ReadFile(o.page)
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	text, err := corpus.Fill(string(page), corpus.BlockSummary, fmt.Sprintf("%d scenarios, %d runs.\n\n%s", len(all), len(runs), summary))
	if err != nil {
		return err
	}
	if text, err = corpus.Fill(text, corpus.BlockScenarios, corpus.Scenarios(all, quick)); err != nil {
		return err
	}
	if err := os.WriteFile(o.page, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// checkVetoes takes each veto away.
func (o *options) checkVetoes(all []*scenario.Scenario) error {
	report, err := corpus.CheckVetoes(all)
	fmt.Print(report)
	return err
}

// compare holds the page against a quick run.
func (o *options) compare(all []*scenario.Scenario) error {
	runs, err := corpus.Play(all, corpus.Settings{Cells: corpus.QuickCells})
	if err != nil {
		return err
	}
	page, err := os.ReadFile(o.page)
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	want, err := corpus.Fill(string(page), corpus.BlockScenarios, corpus.Scenarios(all, runs))
	if err != nil {
		return err
	}
	if want != string(page) {
		return fmt.Errorf("%s is not what the corpus says: run make corpus", o.page)
	}
	return nil
}

// single plays some scenarios or cells, and prints each run.
func (o *options) single(all []*scenario.Scenario) error {
	cells := corpus.AllCells
	if o.cell != "" {
		c, err := scenario.ParseCell(o.cell)
		if err != nil {
			return err
		}
		cells = func(*scenario.Scenario) []scenario.Cell { return []scenario.Cell{c} }
	}
	wrong, played := 0, 0
	for _, s := range all {
		if o.run != "" && s.ID != o.run {
			continue
		}
		for _, c := range cells(s) {
			played++
			ok, err := o.one(s, c)
			if err != nil {
				return err
			}
			if !ok {
				wrong++
			}
		}
	}
	switch {
	case played == 0:
		return fmt.Errorf("-run: there is no scenario %q", o.run)
	case wrong > 0:
		return errors.New("not every run came to the expected verdict")
	}
	return nil
}

func (o *options) one(s *scenario.Scenario, c scenario.Cell) (ok bool, err error) {
	opts := play.Options{Scenario: s, Cell: c}
	if o.without != "" {
		opts.Without = []string{o.without}
	}
	if o.verbose {
		opts.Trace = func(line string) { fmt.Println(line) }
	}
	r, err := play.Run(opts)
	if err != nil {
		return false, err
	}
	wrong := r.Check()
	fmt.Printf("%s %s:", s.ID, c)
	for _, e := range s.Expected(c) {
		w := r.Workloads[e.Workload]
		fmt.Printf(" %s %s %v %v %s", e.Workload, w.Verdict(), w.Undone, w.Held, w.Reason)
	}
	if wrong != nil {
		fmt.Printf(": WRONG: %v", wrong)
	}
	fmt.Println()
	return wrong == nil, nil
}
