package watchdog

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"time"
)

// Beat is one component that is to make progress.
type Beat struct {
	// Component is a name of few letters, such as loop; it is a label of metrics.
	Component string
	// After is how long it may make none.
	After time.Duration
	// Restart says that a stalled one is cured by starting undog anew. Where the
	// cause is elsewhere, that would only lose time.
	Restart bool
	// Since is since when it has made none, and what it is stuck in; the zero
	// time when it has nothing to do. It may be called at any time.
	Since func(now time.Time) (since time.Time, stuckIn string)
}

// Standing is how a component stands.
type Standing struct {
	Beat
	Stalled bool
	// For is how long it has made no progress, StuckIn where; both are set only
	// while it is stalled.
	For     time.Duration
	StuckIn string
}

// Watchdog looks at the beats of its table.
type Watchdog struct {
	beats []Beat
	log   *slog.Logger

	mu      sync.Mutex
	stalled map[string]bool
	stalls  map[string]uint64
}

const (
	// every is how often the beats are looked at.
	every = 5 * time.Second
	// maxDump bounds, in bytes, what is logged about goroutines.
	maxDump = 64 << 10
)

// New returns a Watchdog for the beats, whose components have different names.
func New(log *slog.Logger, beats ...Beat) *Watchdog {
	return &Watchdog{beats: beats, log: log, stalled: map[string]bool{}, stalls: map[string]uint64{}}
}

// Beats is the table.
func (w *Watchdog) Beats() []Beat { return w.beats }

// Look says how every component stands now, in the order of the table.
func (w *Watchdog) Look(now time.Time) []Standing {
	out := make([]Standing, len(w.beats))
	for i, b := range w.beats {
		out[i] = b.Look(now)
	}
	return out
}

// Look says how the component stands now.
func (b Beat) Look(now time.Time) Standing {
	s := Standing{Beat: b}
	since, in := b.Since(now)
	if since.IsZero() {
		return s
	}
	if d := now.Sub(since); d >= b.After {
		s.Stalled, s.For, s.StuckIn = true, d, in
	}
	return s
}

// Stalls is how often each component that ever stalled was seen to.
func (w *Watchdog) Stalls(component string) uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stalls[component]
}

// Run looks until ctx ends, and logs when a component stalls and when it goes on.
func (w *Watchdog) Run(ctx context.Context) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			w.turn(ctx, now)
		}
	}
}

func (w *Watchdog) turn(ctx context.Context, now time.Time) {
	dump := false
	for _, s := range w.Look(now) {
		if !w.changed(s) {
			continue
		}
		if !s.Stalled {
			w.log.Info("makes progress again", "stalled", s.Component)
			continue
		}
		w.log.Error("makes no progress", "stalled", s.Component, "for", s.For.Round(time.Second).String(),
			"reason", s.StuckIn, "restartHelps", s.Restart)
		dump = true
	}
	if dump && w.log.Enabled(ctx, slog.LevelDebug) {
		buf := make([]byte, maxDump)
		w.log.Debug("goroutines", "stacks", string(buf[:runtime.Stack(buf, true)]))
	}
}

// changed notes how a component stands, and tells whether that is news.
func (w *Watchdog) changed(s Standing) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stalled[s.Component] == s.Stalled {
		return false
	}
	w.stalled[s.Component] = s.Stalled
	if s.Stalled {
		w.stalls[s.Component]++
	}
	return true
}
