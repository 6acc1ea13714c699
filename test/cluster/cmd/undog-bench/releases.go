package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/undog-dev/undog/test/bench/load"
	"github.com/undog-dev/undog/test/bench/page"
)

const (
	// undoneWithin is how long all undos together may take.
	undoneWithin = 5 * time.Minute
	// asBeside is what the releases beside a burst are begun as.
	asBeside = "beside"
)

// pacedReleases plays one bad release after the other.
func (b *bench) pacedReleases(ctx context.Context) error {
	was, err := b.load.State(ctx)
	if err != nil {
		return err
	}
	say("%d bad releases, one every %s", b.paced, b.every)
	if err := b.load.Release(ctx, b.paced, b.every); err != nil {
		return err
	}
	b.Paced, err = b.undos(ctx, &was, "", b.paced)
	return err
}

// atOnce plays many bad releases at once and, where that can be had, a few more one
// after the other meanwhile: they must not wait until all of those are through.
func (b *bench) atOnce(ctx context.Context) error {
	was, err := b.load.State(ctx)
	if err != nil {
		return err
	}
	say("%d bad releases at once", b.burst)
	if err := b.load.Release(ctx, b.burst, 0); err != nil {
		return err
	}
	profiled := make(chan error, 1)
	go func() { profiled <- b.cpu(ctx, "burst", b.steady/2) }()
	if c := b.imitation(); c != nil {
		if err := c.ReleaseAs(ctx, asBeside, b.beside, b.every); err != nil {
			return err
		}
		if b.Beside, err = b.undos(ctx, &was, asBeside, b.beside); err != nil {
			return err
		}
	}
	b.Burst, err = b.undos(ctx, &was, "", b.burst)
	return errors.Join(err, <-profiled)
}

// undos waits until n bad releases since a state are undone.
func (b *bench) undos(ctx context.Context, was *load.State, as string, n int) (page.Releases, error) {
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	enough := time.NewTimer(time.Duration(n)*b.every + undoneWithin)
	defer enough.Stop()
	for {
		is, err := b.load.State(ctx)
		if err != nil {
			return page.Releases{}, err
		}
		list := slices.DeleteFunc(is.Rollouts[len(was.Rollouts):], func(r load.Rollout) bool { return r.As != as })
		got := undone(n, list)
		if got.Undone == n {
			return got, nil
		}
		select {
		case <-ticker.C:
		case <-enough.C:
			return got, fmt.Errorf("%d of %d bad releases were undone", got.Undone, n)
		case <-ctx.Done():
			return got, ctx.Err()
		}
	}
}

// undone is what came of n bad releases so far.
func undone(n int, list []load.Rollout) page.Releases {
	got := page.Releases{Number: n}
	var first, patch []time.Duration
	var from, to time.Time
	for i := range list {
		r := &list[i]
		if r.Patched.IsZero() {
			continue
		}
		got.Undone++
		if r.Evidence.IsZero() {
			continue
		}
		first, patch = append(first, r.Asked.Sub(r.Evidence)), append(patch, r.Patched.Sub(r.Evidence))
		if from.IsZero() || r.Evidence.Before(from) {
			from = r.Evidence
		}
		if r.Patched.After(to) {
			to = r.Patched
		}
	}
	got.First, got.Patch, got.All = page.SpreadOf(first), page.SpreadOf(patch), to.Sub(from).Seconds()
	return got
}
