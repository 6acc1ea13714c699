package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/undog-dev/undog/test/bench/load"
	"github.com/undog-dev/undog/test/cluster/daemon"
)

const (
	// quiet is how long nothing must be undone any more until it is believed that
	// the brake holds the rest.
	quiet = 15 * time.Second
	// brakedWithin bounds how long it is waited for.
	brakedWithin = 2 * time.Minute
)

// braked starts undog anew with the brake as it is by default, and releases as much at
// once as before: few are undone before undog takes it for one incident.
func (b *bench) braked(ctx context.Context) error {
	if b.imitation() == nil {
		return nil
	}
	if err := b.anew(ctx, soon); err != nil {
		return err
	}
	engaged, stop, err := b.listen(ctx)
	if err != nil {
		return err
	}
	defer stop()
	was, err := b.load.State(ctx)
	if err != nil {
		return err
	}
	say("%d bad releases at once", b.burst)
	if err := b.load.Release(ctx, b.burst, 0); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, brakedWithin)
	defer cancel()
	var began time.Time
	for last := time.Now(); time.Since(last) < quiet; {
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
		is, err := b.load.State(ctx)
		if err != nil {
			return err
		}
		list := is.Rollouts[len(was.Rollouts):]
		got := undone(b.burst, list)
		if got.Undone != b.Braked.Undone || told(list) < b.burst {
			last = time.Now()
		}
		b.Braked, began = got, first(list)
	}
	select {
	case at := <-engaged:
		b.BrakedAfter = at.Sub(began).Seconds()
	default:
		return errors.New("no event told that the brake is on")
	}
	if err := b.held(ctx); err != nil {
		return err
	}
	return b.proven(ctx)
}

// first is when the first evidence against any was told.
func first(list []load.Rollout) (at time.Time) {
	for i := range list {
		if t := list[i].Evidence; !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	return at
}

// told counts the releases against which everything has been said.
func told(list []load.Rollout) (n int) {
	for i := range list {
		if !list[i].Evidence.IsZero() {
			n++
		}
	}
	return n
}

// anew starts undog with another configuration. Pods that are replaced all the time
// would not let their revisions be proven: no more are.
func (b *bench) anew(ctx context.Context, config string) error {
	say("undog anew, with the brake on")
	if err := b.load.Churn(ctx, 0); err != nil {
		return err
	}
	if err := b.undog.Kill(); err != nil {
		return err
	}
	opts := b.started
	opts.Config = config
	var err error
	if b.undog, err = daemon.Start(opts); err != nil {
		return err
	}
	if err := b.undog.Ready(ctx); err != nil {
		return err
	}
	return pause(ctx, b.settle)
}

// held makes sure that it was undog's judgement by which nothing more was undone.
func (b *bench) held(ctx context.Context) error {
	end, err := take(ctx, b.undog)
	if err != nil {
		return err
	}
	by, all := map[string]float64{}, 0.0
	for name, n := range end.metrics {
		if veto, ok := strings.CutPrefix(name, `undog_vetoes_total{veto="`); ok && n > 0 {
			by[strings.TrimSuffix(veto, `"}`)] = n
			all += n
		}
	}
	if int(all) < b.burst-b.Braked.Undone || by["FleetBrake"] == 0 {
		return fmt.Errorf("of %d bad releases %d were undone, and vetoes held %v", b.burst, b.Braked.Undone, by)
	}
	b.BrakedBy = by
	return nil
}
