package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/undog-dev/undog/cmd/undog/logs"
	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/check/runner"
)

// stage is where checks are played, by the runner of the configuration of now. A
// play that began before a reload ends as it began.
type stage struct{ runner atomic.Pointer[runner.Runner] }

func newStage(r *runner.Runner) *stage {
	s := &stage{}
	s.runner.Store(r)
	return s
}

// Play is runner.Runner's, as are the others.
func (s *stage) Play(ctx context.Context, d policy.Decision) policy.CheckResult {
	return s.runner.Load().Play(ctx, d)
}

// Lacks tells whether what a revision answers is not kept.
func (s *stage) Lacks(w policy.Workload, rev policy.RevisionRef, check string) bool {
	return s.runner.Load().Lacks(w, rev, check)
}

// Keep keeps it.
func (s *stage) Keep(ctx context.Context, w policy.Workload, rev policy.RevisionRef, check string) (time.Duration, error) {
	return s.runner.Load().Keep(ctx, w, rev, check)
}

// Stats counts.
func (s *stage) Stats() runner.Stats { return s.runner.Load().Stats() }

// errUnavailable says that nobody answered a question on which it depends whether a
// configuration can be taken.
var errUnavailable = errors.New("the rights that mode enforce needs could not be asked for")

// compiler makes everything that depends on the configuration and may change.
type compiler struct {
	cluster *cluster
	watcher *watcher.Watcher
	// What is swapped.
	plays   *stage
	current *atomic.Pointer[policy.Settings]
	level   *slog.LevelVar

	log *slog.Logger
}

// compile makes it of a configuration; swap puts all of it in use.
func (c *compiler) compile(ctx context.Context, cfg *config.Config) (swap func(), compiled policy.Settings, err error) {
	if compiled, err = settings(cfg); err != nil {
		return nil, compiled, err
	}
	level, err := logs.ParseLevel(cfg.Log.Level)
	if err != nil {
		return nil, compiled, err
	}
	// Only acting needs more rights than undog has shown to have; and observe must be
	// taken while nobody answers.
	if running := c.current.Load(); cfg.Mode == policy.Enforce && running.Mode != policy.Enforce {
		if err := preflight(ctx, c.cluster.client, cfg.Mode, cfg.Watch.Namespaces); err != nil {
			if !errors.Is(err, errDenied) {
				err = fmt.Errorf("%w: %w", errUnavailable, err)
			}
			return nil, compiled, err
		}
	}
	next, err := openChecks(cfg, c.cluster, c.watcher, c.plays.runner.Load(), c.log)
	if err != nil {
		return nil, compiled, err
	}
	warnOfChecks(ctx, c.cluster, cfg, c.log)
	return func() {
		c.plays.runner.Store(next)
		c.current.Store(&compiled)
		c.level.Set(level)
	}, compiled, nil
}
