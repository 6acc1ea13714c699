package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/differ"
	"github.com/undog-dev/undog/watcher/check/play"
	"github.com/undog-dev/undog/watcher/check/trial"
)

// Lacks tells whether a check is one that compares, and what a revision answers
// to it is not kept or will soon be too old.
func (r *Runner) Lacks(w policy.Workload, rev policy.RevisionRef, name string) bool {
	_, compares := r.comparing(name)
	return compares && r.baselines.older(r.keyOf(w, name, rev), renewFor)
}

// comparing is a check of the kind that compares.
func (r *Runner) comparing(name string) (*web, bool) {
	c := r.checks[name]
	if c == nil {
		return nil, false
	}
	k, ok := c.kind.(*web)
	return k, ok
}

// errUnlike is why nothing is kept of two plays that passed.
var errUnlike = errors.New("the two answers are too large, or have too little in common, to be kept")

// Keep plays a check twice on a revision, on two of its pods if it has two, one
// after the other, and keeps what they say. It is for a revision that is settled:
// the one that replaces it at once will find nobody else to be compared with.
// patience is how long the application asked to be left alone.
func (r *Runner) Keep(ctx context.Context, w policy.Workload, rev policy.RevisionRef, name string) (patience time.Duration, err error) {
	k, compares := r.comparing(name)
	if !compares {
		return 0, fmt.Errorf("keep what check %s says: there is no such check that compares", name)
	}
	d := &policy.Decision{Kind: policy.Play, Workload: w, From: rev, Check: name}
	defer func() {
		if fault := recover(); fault != nil {
			r.faulted(d, fault)
			err = errors.New(faulted)
		}
	}()
	var said [2]trial.Trial
	var who play.Persona
	for i := range said {
		if said[i], who, err = k.alone(ctx, d); err != nil {
			return 0, err
		}
		if result := &said[i].Result; result.Outcome != check.Passed {
			return said[i].Sample().RetryAfter, fmt.Errorf("play on pod %s: %s: %s", result.Pod, result.Reason, result.Message)
		}
	}
	if !r.baselines.put(r.keyOf(w, name, rev), trial.Keep(&said[0].New, &said[1].New, differ.Options{Known: who.Known()})) {
		return 0, errUnlike
	}
	return 0, nil
}

// alone plays on one pod of the revision, that whose turn it is.
func (w *web) alone(ctx context.Context, d *policy.Decision) (trial.Trial, play.Persona, error) {
	ctx, cancel := context.WithTimeout(ctx, w.runner.checks[d.Check].timeout+margin)
	defer cancel() // It closes every connection in the end.
	pods, _ := w.runner.candidates(d)
	c, err := w.runner.cast(ctx, d, pods, nil)
	if err != nil {
		return trial.Trial{}, play.Persona{}, err
	}
	defer w.runner.roster.free(c.choice)
	who, err := w.runner.o.Personas.Get(ctx, w.check.Persona)
	if err != nil {
		return trial.Trial{}, play.Persona{}, fmt.Errorf("find persona: %w", err)
	}
	return trial.Run(ctx, w.player, who, trial.Pods{New: w.target(ctx, c.New)}), who, nil
}
