package app

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/undog-dev/undog/cmd/undog/watchdog"
	"github.com/undog-dev/undog/notify/outbox"
	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/trial"
)

// After which time without progress a part is stalled. All of them have
// deadlines of their own, which are shorter: what goes past these is a defect,
// or something that undog waits for.
const (
	// stuckAfter is for the loop, which comes round every heartbeat.
	stuckAfter = 6 * heartbeat
	// applyingFor is for an informer: it hands over one object at a time.
	applyingFor = 30 * time.Second
	// silentFor is for a watch that owes a bookmark about every minute.
	silentFor = 100 * time.Second
	// unpublishedFor is for events that wait, whatever they wait for.
	unpublishedFor = time.Minute
	// publishingFor is for one turn of the outbox: a look at a large stream takes
	// up to outbox.DefaultTimeout.
	publishingFor = 2*outbox.DefaultTimeout + time.Minute
	// writingFor is for one action; the executor gives up after 20 seconds.
	writingFor = 2 * time.Minute
	// playingFor is for one play of a check with all its turns.
	playingFor = check.MaxTimeout*trial.MaxTurns + 2*time.Minute
)

// beats is the table of what must make progress.
func beats(h *health, w *watcher.Watcher, box *outbox.Outbox, a *actions, c *checks) []watchdog.Beat {
	table := []watchdog.Beat{
		{Component: "loop", After: stuckAfter, Restart: true, Since: func(time.Time) (time.Time, string) {
			return time.Unix(0, h.turned.Load()), "the engine's loop has not come round"
		}},
		{Component: "writer", After: writingFor, Restart: true, Since: func(time.Time) (time.Time, string) {
			return a.oldest(), "a write has not ended by its deadline"
		}},
		{Component: "outbox", After: publishingFor, Restart: true, Since: func(time.Time) (time.Time, string) {
			return box.Stats().Busy, "publishing has not ended by its deadline"
		}},
		{Component: "publisher", After: unpublishedFor, Since: func(time.Time) (time.Time, string) {
			s := box.Stats()
			return s.Blocked, fmt.Sprintf("%d events wait and none gets out", s.Depth)
		}},
		{Component: "checks", After: playingFor, Since: func(time.Time) (time.Time, string) {
			return c.oldest(), "the play of a check has not ended by its deadline"
		}},
	}
	for _, resource := range w.Resources() {
		table = append(table, informer(w, resource)...)
	}
	return table
}

// informer is what must make progress of one resource: a restart helps where
// undog itself does not take in what came, not where nothing comes.
func informer(w *watcher.Watcher, resource string) []watchdog.Beat {
	since := func(of func(watcher.ResourceStats) time.Time) time.Time {
		times := map[int]time.Time{}
		for i, r := range w.Stats().Resources {
			if t := of(r); r.Resource == resource && !t.IsZero() {
				times[i] = t
			}
		}
		return earliest(times)
	}
	return []watchdog.Beat{
		{Component: "informer-" + resource, After: applyingFor, Restart: true, Since: func(time.Time) (time.Time, string) {
			return since(func(r watcher.ResourceStats) time.Time { return r.Busy }), "what the watch brought is not taken in"
		}},
		{Component: "watch-" + resource, After: silentFor, Since: func(time.Time) (time.Time, string) {
			return since(func(r watcher.ResourceStats) time.Time { return r.Silent }), "the watch is open and brings nothing, not even bookmarks"
		}},
	}
}

// observeStalls registers what the watchdog sees.
func observeStalls(m *metrics, dog *watchdog.Watchdog) {
	m.registry.Each("undog_stalled", "1 when a component of undog makes no progress though it should, by component.", "component",
		func() map[string]float64 {
			out := map[string]float64{}
			for _, s := range dog.Look(time.Now()) {
				out[s.Component] = 0
				if s.Stalled {
					out[s.Component] = 1
				}
			}
			return out
		})
	m.registry.EachCounter("undog_stalls_total", "How often a component of undog was seen to stall, by component.", "component",
		func() map[string]float64 {
			out := map[string]float64{}
			for _, b := range dog.Beats() {
				out[b.Component] = float64(dog.Stalls(b.Component))
			}
			return out
		})
}

// watchOver makes the watchdog of everything.
func watchOver(log *slog.Logger, h *health, w *watcher.Watcher, box *outbox.Outbox, a *actions, c *checks) *watchdog.Watchdog {
	return watchdog.New(log.With("component", "watchdog"), beats(h, w, box, a, c)...)
}

// earliest is the first of some times, zero without any.
func earliest[K comparable](times map[K]time.Time) time.Time {
	var first time.Time
	for _, t := range times {
		if first.IsZero() || t.Before(first) {
			first = t
		}
	}
	return first
}
