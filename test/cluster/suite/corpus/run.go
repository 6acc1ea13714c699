package corpus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/undog-dev/undog/test/corpus/play"
	"github.com/undog-dev/undog/test/corpus/scenario"
)

// Run is a scenario in a cell, with what came of it.
type Run struct {
	Scenario *scenario.Scenario
	Cell     scenario.Cell
	// Workloads is what undog did.
	Workloads map[string]*play.Outcome
	// Held is when undog first held, by workload.
	Held map[string]time.Duration
	// Writes is how many requests undog made that change something.
	Writes int
	// Late is by how much the rollback came later than it should have, which
	// the slack allowed.
	Late time.Duration
	// Told is everything that undog told, a line each.
	Told []string
	// Wrong says in which ways it is not what the scenario expects.
	Wrong error
	// Virtual is what came of it in virtual time.
	Virtual *play.Result
}

// Settings says how to play.
type Settings struct {
	// Rights is the path of the rights that undog is to have.
	Rights string
	// Dir keeps undog's logs.
	Dir string
	// AtOnce is how many scenarios share a control plane at the same time,
	// HostsAtOnce how many have one of their own.
	AtOnce, HostsAtOnce int
	// Short waits for the first revisions to be found good instead of for as
	// long as the scenarios say.
	Short bool
	// Settle is how long a scenario goes on after the last rollback expected.
	Settle time.Duration
	// Slack is how much later than expected a rollback may come, as the
	// machine is shared.
	Slack time.Duration
	// Done is told of each run that has ended, one at a time.
	Done func(r *Run)
	// Tracef, if set, is told what happens.
	Tracef func(format string, args ...any)
}

// Natural is the cell that a scenario is played in: three replicas as
// Kubernetes would replace them, or what comes nearest where the matrix leaves
// that out.
func Natural(s *scenario.Scenario) scenario.Cell {
	for _, replicas := range []int32{3, 10, 50, 1} {
		for _, strategy := range scenario.Strategies {
			if c := (scenario.Cell{Replicas: replicas, Strategy: strategy, Seed: 1}); s.Matrix.Has(c) {
				return c
			}
		}
	}
	return scenario.Cell{}
}

// lasts is how long a scenario may take.
func lasts(s *scenario.Scenario) time.Duration { return s.LeadFor() + s.PlayedFor() }

// stage is what the runs of one Play share.
type stage struct {
	Settings
	shared *host
	dog    *dog
	done   sync.Mutex
}

// Play plays the runs, the longest first, and fills in what came of them.
func Play(ctx context.Context, runs []*Run, settings Settings) (err error) {
	s := &stage{Settings: settings}
	if s.Tracef == nil {
		s.Tracef = func(string, ...any) {}
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.open(ctx, runs); err != nil {
		return err
	}
	ordered := slices.SortedStableFunc(slices.Values(runs), func(a, b *Run) int { return cmp.Compare(lasts(b.Scenario), lasts(a.Scenario)) })
	var together, alone []*Run
	for _, r := range ordered {
		if companyOf(r.Scenario) == ownHost {
			alone = append(alone, r)
		} else {
			together = append(together, r)
		}
	}
	var playing sync.WaitGroup
	s.work(ctx, &playing, together, s.AtOnce)
	s.work(ctx, &playing, alone, s.HostsAtOnce)
	playing.Wait()
	return context.Cause(ctx)
}

// open starts what is shared.
func (s *stage) open(ctx context.Context, runs []*Run) error {
	var shared []*scenario.Scenario
	needed := false
	for _, r := range runs {
		switch companyOf(r.Scenario) {
		case anyone:
			shared = append(shared, r.Scenario)
			needed = true
		case ownUndog:
			needed = true
		case ownHost:
		}
	}
	if !needed {
		return nil
	}
	var err error
	if s.shared, err = startHost(ctx, nil, s.Rights); err != nil {
		return err
	}
	if len(shared) > 0 {
		s.dog, err = s.shared.startDog(ctx, kennel{dir: filepath.Join(s.Dir, "shared"), policies: shared, noBrake: true})
	}
	return err
}

func (s *stage) close() error {
	var errs []error
	if s.dog != nil {
		errs = append(errs, s.dog.close())
	}
	if s.shared != nil {
		errs = append(errs, s.shared.close())
	}
	return errors.Join(errs...)
}

// work plays runs in their order, so many at once.
func (s *stage) work(ctx context.Context, playing *sync.WaitGroup, runs []*Run, atOnce int) {
	queue := make(chan *Run, len(runs))
	for _, r := range runs {
		queue <- r
	}
	close(queue)
	for range min(max(atOnce, 1), len(runs)) {
		playing.Go(func() {
			for r := range queue {
				s.play(ctx, r)
			}
		})
	}
}

// play plays one run.
func (s *stage) play(ctx context.Context, r *Run) {
	if r.Wrong = context.Cause(ctx); r.Wrong != nil {
		return
	}
	err := s.stand(ctx, r)
	r.Wrong = errors.Join(r.Wrong, err)
	if r.Virtual, err = play.Run(play.Options{Scenario: r.Scenario, Cell: r.Cell}); err != nil {
		r.Wrong = errors.Join(r.Wrong, fmt.Errorf("in virtual time: %w", err))
	}
	s.done.Lock()
	defer s.done.Unlock()
	if s.Done != nil {
		s.Done(r)
	}
}

// stand plays one run on the control plane and with the undog that it needs.
func (s *stage) stand(ctx context.Context, r *Run) (err error) {
	h, d, with := s.shared, s.dog, companyOf(r.Scenario)
	if with == ownHost {
		if h, err = startHost(ctx, r.Scenario.Nodes, s.Rights); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, h.close()) }()
	}
	if with != anyone {
		k := kennel{dir: filepath.Join(s.Dir, namespace(r.Scenario)), policies: []*scenario.Scenario{r.Scenario}, later: r.Scenario.UndogAt != nil}
		for i := range r.Scenario.Events {
			k.stalls = k.stalls || r.Scenario.Events[i].Watch != nil
		}
		if d, err = h.startDog(ctx, k); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, d.close()) }()
	}
	p := &player{
		host: h, dog: d, scenario: r.Scenario, cell: r.Cell, namespace: namespace(r.Scenario), settle: s.Settle,
		released: map[string]string{}, followed: map[string]bool{},
	}
	p.tracef = func(format string, args ...any) {
		s.Tracef("%s %8.1fs %s", r.Scenario.ID, time.Since(p.zero).Seconds(), fmt.Sprintf(format, args...))
	}
	o, err := p.play(ctx, s.Short)
	if err != nil {
		return err
	}
	r.Workloads, r.Held, r.Writes, r.Told = o.workloads, o.held, o.writes, o.told
	r.Late, r.Wrong = o.check(r.Scenario, r.Cell, s.Slack)
	return nil
}
