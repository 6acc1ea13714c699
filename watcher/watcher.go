package watcher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/cache"

	"github.com/undog-dev/undog/policy"
)

// Source is where one set of objects comes from: a namespace, or all of them.
// A nil ControllerRevisions means that there is no ledger. The others that may be
// nil make Observations poorer; so do those that undog has no right to read.
type Source struct {
	// Namespace is the one that the objects are of, "" for all.
	Namespace string

	Deployments         cache.ListerWatcher
	ReplicaSets         cache.ListerWatcher
	Pods                cache.ListerWatcher
	ControllerRevisions cache.ListerWatcher

	// Nodes may be nil. With several sources, one of them has it.
	Nodes cache.ListerWatcher
	// Events of core/v1 may be nil.
	Events cache.ListerWatcher
	// ConfigMaps gives metadata only (PartialObjectMetadata), and may be nil.
	ConfigMaps cache.ListerWatcher

	// Spare, unless nil, is given each object of a watch that is not looked at any
	// more, for another one to be read into.
	Spare func(runtime.Object)
}

// advanceEvery is how often the shell looks for what changed by the mere
// passing of time. SettleAfter is long: seconds do not matter.
const advanceEvery = 15 * time.Second

// patience is how long undog waits for the first list of what it can do without.
const patience = 20 * time.Second

// Watcher keeps a State up to date from the cluster.
type Watcher struct {
	state   *State
	feeds   []*feed
	log     *slog.Logger
	changed chan struct{}
	started atomic.Bool
	synced  atomic.Bool
}

// New returns a Watcher over the sources. It does nothing until Run.
func New(sources []Source, opts Options, log *slog.Logger) (*Watcher, error) {
	if err := validate(sources, log); err != nil {
		return nil, err
	}
	w := &Watcher{state: NewState(opts), log: log, changed: make(chan struct{}, 1)}
	w.state.changed = w.signal
	for _, s := range sources {
		for _, f := range w.feedsOf(s) {
			f.open(log, w.Synced)
			w.feeds = append(w.feeds, f)
		}
	}
	return w, nil
}

func validate(sources []Source, log *slog.Logger) error {
	var errs []error
	if len(sources) == 0 {
		errs = append(errs, errors.New("sources: none given, want one per namespace or one for all"))
	}
	for i, s := range sources {
		if s.Deployments == nil || s.ReplicaSets == nil || s.Pods == nil {
			errs = append(errs, fmt.Errorf("sources[%d]: want Deployments, ReplicaSets and Pods all set", i))
		}
	}
	if log == nil {
		errs = append(errs, errors.New("log: nil, want a logger"))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("make watcher: %w", err)
	}
	return nil
}

// KnowsSpec tells whether what counts of an object's spec at a generation is known,
// so that it need not be read again. Nothing is while everything is read anew: a server
// of another version may see fields in the same spec that have not been there.
func (w *Watcher) KnowsSpec(kind, namespace, id string, generation int64) bool {
	for _, f := range w.feeds {
		if reflect.TypeOf(f.example).Elem().Name() == kind && f.source.listing.Load() {
			return false
		}
	}
	return w.state.knowsSpec(kind, namespace, id, generation)
}

// Run watches until the context ends. It can be called once.
func (w *Watcher) Run(ctx context.Context) error {
	if w.started.Swap(true) {
		return errors.New("run watcher: it has run before, make a new one")
	}
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	for _, f := range w.feeds {
		if !f.late {
			running.Go(func() { f.run(ctx) })
			running.Go(func() { f.awaitAnswer(ctx) })
		}
	}
	running.Go(func() {
		if !w.awaitSync(ctx) {
			return
		}
		for _, f := range w.feeds {
			if f.late {
				running.Go(func() { f.run(ctx) })
			}
		}
	})
	w.tick(ctx)
	return nil
}

// awaitSync waits until everything that existed at the start has been taken in.
// What undog can do without is not waited for longer than patience.
func (w *Watcher) awaitSync(ctx context.Context) bool {
	var needed []cache.DoneChecker
	for _, f := range w.feeds {
		if f.without == "" {
			needed = append(needed, f.sink.HasSyncedChecker())
		}
	}
	if !cache.WaitFor(ctx, "", needed...) {
		return false
	}
	enough := time.NewTimer(patience)
	defer enough.Stop()
	for _, f := range w.feeds {
		if f.without == "" || f.late {
			continue
		}
		select {
		case <-f.answered:
		case <-enough.C:
			enough.Reset(0)
			w.log.Warn("no answer yet, going on without it: "+f.without, "resource", f.resource)
		case <-ctx.Done():
			return false
		}
	}
	w.synced.Store(true)
	n := w.state.counts()
	w.log.Info("caches synced", "deployments", n.Workloads, "revisions", n.Revisions, "pods", n.Pods)
	w.signal()
	return true
}

// tick lets time pass in the State until the context ends.
func (w *Watcher) tick(ctx context.Context) {
	ticker := time.NewTicker(advanceEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			if w.state.Advance(now) {
				w.signal()
			}
			if !w.Synced() {
				w.log.Warn("caches not synced yet", "reason", w.lastError())
			}
		}
	}
}

// Synced tells whether everything that existed at the start has been taken in.
// Nothing can be taken before.
func (w *Watcher) Synced() bool { return w.synced.Load() }

// Changed says, by having a value, that there may be something to take. It is a
// level, not a count: one value may stand for many changes.
func (w *Watcher) Changed() <-chan struct{} { return w.changed }

// Take hands out what changed, as State.Take does; nothing before Synced. If
// the limit left something over, Changed says so again.
func (w *Watcher) Take(at time.Time, limit int) []policy.Input {
	if !w.Synced() {
		return nil
	}
	out := w.state.Take(at, limit)
	if w.state.Advance(at) {
		w.signal()
	}
	return out
}

// Observe says how the Deployment with this UID stands; false if there is none
// that is watched, or before Synced.
func (w *Watcher) Observe(at time.Time, uid string) (*policy.Observation, bool) {
	if !w.Synced() {
		return nil, false
	}
	return w.state.Observe(at, uid)
}

// signal never blocks: a value that is already there says the same.
func (w *Watcher) signal() {
	if !w.Synced() {
		return
	}
	select {
	case w.changed <- struct{}{}:
	default:
	}
}
