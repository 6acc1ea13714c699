package app

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/undog-dev/undog/policy"
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
