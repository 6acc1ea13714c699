package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/undog-dev/undog/test/bench/load"
	"github.com/undog-dev/undog/test/bench/page"
)

const (
	// warm is how long the load runs before it is measured.
	warm = 5 * time.Second
	// profiled is how long it is looked at what undog spends its time on.
	profiled = 10 * time.Second
)

// run plays the tier and measures.
func (b *bench) run(ctx context.Context, began time.Time) error {
	b.Tier, b.At, b.Machine = b.name, began, machine()
	for _, part := range []func(context.Context) error{
		b.firstList,
		func(ctx context.Context) error { return pause(ctx, b.settle) },
		func(ctx context.Context) error { return b.profile(ctx, "settled") },
		func(ctx context.Context) error { return b.load.Churn(ctx, b.rate) },
		func(ctx context.Context) error { return pause(ctx, warm) },
		b.steadyState,
		b.largest,
		b.crashLoop,
		b.pacedReleases,
		b.atOnce,
		b.end,
		b.braked,
	} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) firstList(ctx context.Context) error {
	say("the first list")
	listing := make(chan error, 1)
	go func() { listing <- b.cpuOfList(ctx) }()
	if err := b.undog.Ready(ctx); err != nil {
		return err
	}
	b.FirstList = time.Since(b.At).Seconds()
	listed, err := take(ctx, b.undog)
	if err != nil {
		return err
	}
	b.FirstListCPU, b.ListedRSS, b.ListedPeak = listed.cpu.Seconds(), listed.rss, listed.peak
	say("listed in %.1f s, with %.1f s of processor time and %.0f MB", b.FirstList, b.FirstListCPU, b.ListedRSS/(1<<20))
	for name := range listed.metrics {
		if rest, ok := strings.CutPrefix(name, `undog_build_info{version="`); ok {
			b.Version = strings.TrimSuffix(rest, `"}`)
		}
	}
	return errors.Join(<-listing, b.profile(ctx, "listed"))
}

// steadyState measures what events cost while no release is bad.
func (b *bench) steadyState(ctx context.Context) error {
	say("%d pod events a second", b.rate)
	profiled := make(chan error, 1)
	go func() { profiled <- b.cpu(ctx, "steady", b.steady) }()
	after, err := b.spend(ctx, b.steady, &b.Cost, &b.EventsBy)
	if err != nil {
		return err
	}
	b.SteadyRSS, b.SteadyFile = after.rss, after.file
	if err := <-profiled; err != nil {
		return err
	}
	b.Shares, err = b.shares(ctx)
	return err
}

// spend measures what events cost for a while, and tells how undog is after it.
func (b *bench) spend(ctx context.Context, while time.Duration, cost *page.Cost, by *map[string]float64) (after sample, err error) {
	before, err := take(ctx, b.undog)
	if err != nil {
		return after, err
	}
	was, err := b.load.State(ctx)
	if err != nil {
		return after, err
	}
	if err := pause(ctx, while); err != nil {
		return after, err
	}
	if after, err = take(ctx, b.undog); err != nil {
		return after, err
	}
	is, err := b.load.State(ctx)
	if err != nil {
		return after, err
	}
	events := frames(is) - frames(was)
	grown := func(metric string) float64 { return after.metrics[metric] - before.metrics[metric] }
	seconds := after.at.Sub(before.at).Seconds()
	*by = map[string]float64{}
	for name, n := range is.Frames {
		(*by)[name] = float64(n-was.Frames[name]) / seconds
	}
	*cost = page.Cost{
		EventsPerSecond: events / seconds, CPUPerThousand: (after.cpu - before.cpu).Seconds() / events * 1000,
		AllocsPerEvent: grown("go_memstats_mallocs_total") / events, BytesPerEvent: grown("go_memstats_alloc_bytes_total") / events,
	}
	return after, nil
}

func frames(s load.State) (n float64) {
	for _, f := range s.Frames {
		n += float64(f)
	}
	return n
}

func (b *bench) end(ctx context.Context) error {
	last, err := take(ctx, b.undog)
	if err != nil {
		return err
	}
	state, err := b.load.State(ctx)
	if err != nil {
		return err
	}
	b.EndRSS, b.EndPeak, b.Heap, b.Goroutines = last.rss, last.peak, last.metrics["go_memstats_heap_inuse_bytes"], last.metrics["go_goroutines"]
	b.Acks = last.histogram("undog_event_ack_seconds")
	b.Requests = state.Asked
	b.Pods, b.Deployments, b.ReplicaSets, b.Nodes = b.shape.Pods, state.Objects["deployments"], state.Objects["replicasets"], state.Objects["nodes"]
	return b.profile(ctx, "end")
}

// tell prints the table and, where that is wanted, keeps the measurement and
// makes the page anew.
func (b *bench) tell() error {
	fmt.Print(b.Table())
	if b.opts.docs == "" {
		return nil
	}
	if err := b.Keep(filepath.Join(b.opts.docs, page.History)); err != nil {
		return err
	}
	return page.Write(b.opts.docs)
}

// machine is the processor and how many there are.
func machine() string {
	name := runtime.GOARCH
	raw, err := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(raw)) {
		if key, value, ok := strings.Cut(line, ":"); err == nil && ok && strings.TrimSpace(key) == "model name" {
			name = strings.TrimSpace(value)
			break
		}
	}
	return fmt.Sprintf("%d × %s", runtime.NumCPU(), name)
}
