// Command corpus-real plays the corpus of scenarios on a real control plane, in
// real time, and writes what came of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	real "github.com/undog-dev/undog/test/cluster/suite/corpus"
	"github.com/undog-dev/undog/test/corpus"
	"github.com/undog-dev/undog/test/corpus/scenario"
)

func main() {
	var o options
	flag.StringVar(&o.run, "run", "", "play only the scenarios with these IDs, separated by commas; all but these if it begins with -")
	flag.StringVar(&o.cell, "cell", "", "play them in this cell: REPLICAS/STRATEGY/SEED, as in 3/rolling/1")
	flag.BoolVar(&o.verbose, "v", false, "print what happens")
	flag.StringVar(&o.page, "page", "", "write the table into this page")
	flag.StringVar(&o.dir, "dir", "", "keep undog's logs in this folder")
	flag.StringVar(&o.rights, "rights", "../../deploy/rbac.yaml", "the rights that undog is to have")
	flag.IntVar(&o.atOnce, "parallel", 100, "how many scenarios share a control plane at the same time")
	flag.IntVar(&o.hosts, "hosts", 6, "how many have a control plane of their own at the same time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := o.main(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "corpus-real:", err)
		os.Exit(1)
	}
}

type options struct {
	run, cell, page, dir, rights string
	verbose                      bool
	atOnce, hosts                int
}

func (o *options) main(ctx context.Context) (err error) {
	runs, err := o.runs()
	if err != nil {
		return err
	}
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "corpus-real-"); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.dir)) }()
	}
	settings := real.Settings{
		Rights: o.rights, Dir: o.dir, AtOnce: o.atOnce, HostsAtOnce: o.hosts, Settle: 2 * time.Minute, Slack: 30 * time.Second,
		Done: show,
	}
	if o.verbose {
		settings.Tracef = func(format string, args ...any) { fmt.Printf(format+"\n", args...) }
	}
	err = real.Play(ctx, runs, settings)
	table := real.Table(runs)
	fmt.Print("\n" + table)
	if err != nil {
		return err
	}
	if o.page != "" {
		page, err := os.ReadFile(o.page)
		if err != nil {
			return fmt.Errorf("read page: %w", err)
		}
		if err := os.WriteFile(o.page, []byte(real.Fill(string(page), table)), 0o644); err != nil {
			return fmt.Errorf("write page: %w", err)
		}
	}
	if slices.ContainsFunc(runs, func(r *real.Run) bool { return r.Wrong != nil }) {
		return errors.New("not every scenario came to what is expected")
	}
	return nil
}

// runs are the scenarios that are asked for, each in one cell.
func (o *options) runs() ([]*real.Run, error) {
	all, err := corpus.Load()
	if err != nil {
		return nil, err
	}
	listed, but := strings.CutPrefix(o.run, "-")
	ids := strings.Split(listed, ",")
	var runs []*real.Run
	for _, s := range all {
		if o.run != "" && slices.Contains(ids, s.ID) == but {
			continue
		}
		cell := real.Natural(s)
		if o.cell != "" {
			if cell, err = scenario.ParseCell(o.cell); err != nil {
				return nil, err
			}
		}
		runs = append(runs, &real.Run{Scenario: s, Cell: cell})
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("-run: there is no scenario %q", o.run)
	}
	return runs, nil
}

// show prints one run.
func show(r *real.Run) {
	fmt.Printf("%s %s %s:", time.Now().Format(time.TimeOnly), r.Scenario.ID, r.Cell)
	for _, e := range r.Scenario.Expected(r.Cell) {
		if w := r.Workloads[e.Workload]; w != nil {
			fmt.Printf(" %s %s %v %v %s", e.Workload, w.Verdict(), w.Undone, w.Held, w.Reason)
		}
	}
	if r.Late > 0 {
		fmt.Printf(" late by %s", r.Late)
	}
	if r.Wrong == nil {
		fmt.Println()
		return
	}
	fmt.Printf(": WRONG: %v\n", r.Wrong)
	for _, line := range r.Told {
		fmt.Println("    " + line)
	}
}
