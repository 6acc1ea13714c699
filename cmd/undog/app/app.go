package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/undog-dev/undog/cmd/undog/kube"
	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/config/follow"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/policy/rollback"
	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/source"
)

// Options is what Run needs. All fields but ConfigPath and what belongs to it must
// be set.
type Options struct {
	Config *config.Config
	// ConfigPath is where Config was read from, "" for the defaults, and Content
	// what it held.
	ConfigPath string
	Content    []byte
	// Overridden is what ConfigPath says and counts for nothing.
	Overridden []config.Overridden
	// Reload makes a configuration of what ConfigPath holds later, as Config was
	// made. Hangup has a value when it is to be looked at now.
	Reload func(content []byte) (*config.Loaded, error)
	Hangup <-chan os.Signal
	Log    *slog.Logger
	// Level is what Log goes by.
	Level   *slog.LevelVar
	Version string
}

// Run is the daemon: it watches until ctx ends, then lets the writes under way
// end and publishes what they did. It is one straight function on purpose: what
// depends on what is the order of its lines.
func Run(ctx context.Context, opts Options) error {
	saveMemory()
	cfg, log := opts.Config, opts.Log
	compiled, err := settings(cfg)
	if err != nil {
		return err
	}
	own := ownNamespace()
	selected, err := watched(cfg, own)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", cfg.HTTP.Addr)
	if err != nil {
		return unheard(cfg.HTTP.Addr, err)
	}
	defer func() { _ = listener.Close() }()

	// The cluster: an address, an answer, the rights.
	found, who, err := join(ctx, opts, own)
	if err != nil {
		return err
	}
	client, meta := found.client, found.meta

	// What is read.
	reading := source.Options{Namespaces: cfg.Watch.Namespaces, OwnNamespace: own, Metadata: meta}
	watching, err := watcher.New(source.List(found.reading, reading), watcher.Options{
		Select: selected, Ignore: reading.Ignore, DecodeRecord: ledger.Decode,
	}, log.With("component", "watcher"))
	if err != nil {
		return err
	}
	found.specs.Ask(watching.KnowsSpec)
	events, err := openEvents(ctx, cfg, watching, who.active, log)
	if err != nil {
		return err
	}

	// What is written.
	store, err := ledger.New(ledger.Options{Apps: client.Apps()})
	if err != nil {
		return err
	}
	debts, clock := newOwed(who.active), newClock()
	off := clock.off(found.clockOff)
	current := &atomic.Pointer[policy.Settings]{}
	current.Store(&compiled)
	last := openEvidence(ctx, found, cfg, watching, log)
	exec, err := rollback.New(rollback.Options{
		Apps: client.Apps(), Core: client.Core(), Ledger: store, Capture: last.Read,
		MayAct: who.active, Observes: func() bool { return current.Load().Mode != policy.Enforce }, GiveBackFailed: debts.failed, ClockOff: off, Log: log.With("component", "rollback"),
	})
	if err != nil {
		return err
	}
	debts.giveBack = exec.GiveBack

	// What is asked of pods.
	first, err := openChecks(cfg, found, watching, nil, log)
	if err != nil {
		return err
	}
	plays := newStage(first)

	// The loop in between. What it does must outlive ctx, to end what it began.
	lasting, release := context.WithCancel(context.WithoutCancel(ctx))
	defer release()
	m := newMetrics(opts.Version)
	ask := newQuestions(cfg, own, watching)
	ask.standby = who.standby
	said := newReports(ask, m, log.With("component", "reports"), who.active)
	told := openKubeEvents(ctx, found, cfg, log)
	h := &health{synced: watching.Synced, lost: watching.Lost, nats: events.status, more: who.parts(), questions: ask.handler(), profiles: profiles(cfg.HTTP.Pprof)}
	h.alive(time.Now())
	turn := newTurn(who, events, watching, exec, debts, log)
	l := &loop{
		engine: policy.New(compiled), source: watching, actions: newActions(lasting, whileLeading{exec, who}), lead: turn.leading(),
		publish: both(events.outbox.Add, told.add), metrics: m, log: log, alive: h.alive, heard: watching.Heard, asked: ask.queue, reports: said.queue, lost: watching.Lost,
	}
	observe(m, watching, events, l.actions)
	observeAcks(m, events.client)
	observeEvidence(m, last)
	observeClock(m, off)
	told.observe(m)
	who.observe(m)

	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	l.checks = newChecks(running, plays, m.played)
	observeChecks(m, l.checks, plays)
	h.dog = watchOver(log, h, watching, events.outbox, l.actions, l.checks)
	observeStalls(m, h.dog)
	makes := &compiler{cluster: found, watcher: watching, plays: plays, current: current, level: opts.Level, log: log}
	file := &reloading{
		path: opts.ConfigPath, load: opts.Reload, compile: makes.compile, changes: make(chan policy.Input),
		who: who.self(own), active: who.active, log: log.With("component", "configuration"), counts: newReloadCounts(m, time.Now()),
		now: cfg, mark: markOf(opts.Content),
	}
	file.overrides(opts.Overridden)
	l.changes = file.changes
	h.more = append(h.more, file.parts()...)
	settled := &keeper{
		checks: func() []policy.Check { return current.Load().Checks }, seen: watching, plays: plays, healthy: ask.healthy, active: who.active, told: m.tried, log: log.With("component", "checks"),
	}
	var parts sync.WaitGroup
	parts.Go(func() { stop(ended("watcher", watching.Run(running))) })
	parts.Go(func() { settled.run(running) })
	parts.Go(func() { debts.run(running) })
	parts.Go(func() { stop(clock.watch(running)) })
	parts.Go(func() { h.dog.Run(running) })
	parts.Go(func() { stop(file.run(running, follow.Options{First: opts.Content, Hangup: opts.Hangup})) })
	parts.Go(func() { stop(serve(running, listener, h.handler(m), log)) })
	parts.Go(func() {
		if err := said.serve(running, events.client); err != nil && running.Err() == nil {
			stop(ended("answers to reported verdicts", err))
		}
	})
	if events.server != nil {
		parts.Go(func() { stop(events.follow(running)) })
	}
	parts.Go(func() { whenSynced(running, watching, func() { turn.run(running) }) })
	giveUp := who.start(lasting)
	log.Info("mode "+string(cfg.Mode)+": "+does(cfg.Mode), "mode", string(cfg.Mode))
	log.Info("undog runs", "http", "http://"+listener.Addr().String())

	ending, done := stopContext(running)
	defer done()
	l.run(running, ending)
	giveUp()
	told.drain(ending)
	events.drain(ending)
	parts.Wait()
	l.checks.wait()
	log.Info("undog has stopped")
	err = events.close(ending)
	if cause := context.Cause(running); ctx.Err() == nil && cause != nil {
		err = errors.Join(cause, err)
	}
	return err
}

// join reaches the API server, and finds out whether others are to be reckoned with.
func join(ctx context.Context, opts Options, own string) (*cluster, *election, error) {
	found, err := connect(ctx, opts)
	if err != nil {
		return nil, nil, err
	}
	who, err := openElection(ctx, opts.Config, found, own, opts.Log)
	return found, who, err
}

// connect reaches the API server and makes sure of undog's rights.
func connect(ctx context.Context, opts Options) (*cluster, error) {
	cfg, off := opts.Config, new(atomic.Int64)
	rest, from, err := restConfig(cfg.Kubeconfig, opts.Version, off)
	if err != nil {
		return nil, err
	}
	c := &cluster{clockOff: off, rest: rest, inCluster: from == kube.ServiceAccount}
	if err := c.clients(); err != nil {
		return nil, err
	}
	serverVersion, err := contactServer(ctx, c.client, rest.Host)
	if err != nil {
		return nil, err
	}
	if err := preflight(ctx, c.client, cfg.Mode, cfg.Watch.Namespaces); err != nil {
		return nil, err
	}
	opts.Log.Info("API server reached", "host", rest.Host, "from", from, "serverVersion", serverVersion, "mode", string(cfg.Mode), "cluster", cfg.Cluster)
	warnOfChecks(ctx, c, cfg, opts.Log)
	return c, nil
}

// stopContext ends stopGrace after ctx.
func stopContext(ctx context.Context) (context.Context, context.CancelFunc) {
	ending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(stopGrace, cancel) })
	return ending, func() { stop(); cancel() }
}

// ended says that a part which was to run for as long as undog has ended.
func ended(part string, err error) error {
	if err != nil {
		return fmt.Errorf("run the %s: %w", part, err)
	}
	return fmt.Errorf("the %s ended", part)
}

// serve answers HTTP until ctx ends.
func serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	s := &http.Server{
		Handler: h, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 2 * time.Minute,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	err := s.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve HTTP on %s: %w", l.Addr(), err)
}

// whenSynced calls f once the cluster has been read for the first time.
func whenSynced(ctx context.Context, w *watcher.Watcher, f func()) {
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if w.Synced() {
				f()
				return
			}
		}
	}
}
