package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/undog-dev/undog/test/bench/page"
	"github.com/undog-dev/undog/test/cluster/daemon"
)

type options struct{ profiles, docs, dir, rights string }

// patience bounds a measurement as a whole.
const patience = 40 * time.Minute

// bench is one measurement.
type bench struct {
	tier
	opts  options
	load  world
	undog *daemon.Daemon
	// kubeconfig and config are undog's.
	kubeconfig, config string
	// started is how undog was started.
	started daemon.Options
	page.Result
}

// measure runs a tier.
func measure(ctx context.Context, t tier, opts options) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	dir := opts.dir
	if dir == "" {
		made, err := os.MkdirTemp("", "undog-bench-")
		if err != nil {
			return fmt.Errorf("make a folder: %w", err)
		}
		defer func() { _ = os.RemoveAll(made) }()
		dir = made
	} else if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	program, err := undogProgram()
	if err != nil {
		return err
	}
	b := &bench{tier: t, opts: opts}
	stop, err := b.start(ctx, dir)
	if err != nil {
		return err
	}
	defer stop()
	began := time.Now()
	b.started = daemon.Options{Binary: program, Kubeconfig: b.kubeconfig, Dir: dir, Pprof: true, Config: b.config}
	b.undog, err = daemon.Start(b.started)
	if err != nil {
		return err
	}
	defer func() { _ = b.undog.Kill() }()
	if err := b.run(ctx, began); err != nil {
		return err
	}
	return b.tell()
}

// begun is when this program was started.
var begun = time.Now()

// say tells what is being done, and since when.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "==> %4.0f s "+format+"\n", append([]any{time.Since(begun).Seconds()}, args...)...)
}

// cpu keeps what undog spends its time on for a little less than a while.
func (b *bench) cpu(ctx context.Context, name string, while time.Duration) error {
	if b.opts.profiles == "" {
		return nil
	}
	return b.fetch(ctx, "/debug/pprof/profile?seconds="+strconv.Itoa(int(while.Seconds())-2), "cpu-"+name)
}

// cpuOfList begins as soon as undog answers.
func (b *bench) cpuOfList(ctx context.Context) error {
	if b.opts.profiles == "" {
		return nil
	}
	for ctx.Err() == nil {
		if code, _, err := b.undog.Get(ctx, "/livez"); err == nil && code == http.StatusOK {
			break
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	return b.fetch(ctx, "/debug/pprof/profile?seconds=15", "cpu-list")
}

func (b *bench) profile(ctx context.Context, name string) error {
	if b.opts.profiles == "" {
		return nil
	}
	return errors.Join(b.fetch(ctx, "/debug/pprof/heap", "heap-"+name), b.fetch(ctx, "/debug/pprof/goroutine", "goroutine-"+name))
}

// fetch keeps a profile of undog.
func (b *bench) fetch(ctx context.Context, path, name string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.undog.HTTP+path, http.NoBody)
	if err != nil {
		return fmt.Errorf("get a profile: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("get a profile: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("get a profile: %w", err)
	}
	if err := os.MkdirAll(b.opts.profiles, 0o755); err != nil {
		return fmt.Errorf("keep a profile: %w", err)
	}
	return os.WriteFile(filepath.Join(b.opts.profiles, name+".pprof"), raw, 0o644)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
