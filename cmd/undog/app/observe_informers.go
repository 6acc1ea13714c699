package app

import (
	"time"

	"github.com/undog-dev/undog/watcher"
)

// observeInformers registers the numbers of each resource's informers; there is
// one per namespace where namespaces are named.
func observeInformers(m *metrics, w *watcher.Watcher) {
	sum := func(of func(watcher.ResourceStats) float64) func() map[string]float64 {
		return func() map[string]float64 {
			out := map[string]float64{}
			for _, r := range w.Stats().Resources {
				out[r.Resource] += of(r)
			}
			return out
		}
	}
	longest := func(of func(watcher.ResourceStats) time.Time) func() map[string]float64 {
		return func() map[string]float64 {
			out := map[string]float64{}
			now := time.Now()
			for _, r := range w.Stats().Resources {
				age := 0.0
				if t := of(r); !t.IsZero() {
					age = now.Sub(t).Seconds()
				}
				out[r.Resource] = max(out[r.Resource], age)
			}
			return out
		}
	}
	const label = "resource"
	m.registry.Each("undog_informer_objects", "Objects that informers hold, by resource.", label,
		sum(func(r watcher.ResourceStats) float64 { return float64(r.Objects) }))
	m.registry.Each("undog_informer_last_heard_seconds",
		"Time since the quietest watch of a resource brought anything, bookmarks among it, by resource; 0 while none is open.", label,
		longest(func(r watcher.ResourceStats) time.Time { return r.LastHeard }))
	m.registry.Each("undog_informer_lag_seconds", "How long what a watch brought has been on its way into undog's memory, by resource.", label,
		longest(func(r watcher.ResourceStats) time.Time { return r.Busy }))
	m.registry.EachCounter("undog_informer_relists_total", "How often everything of a resource had to be read again, by resource.", label,
		sum(func(r watcher.ResourceStats) float64 { return float64(r.Relists) }))
	m.registry.EachCounter("undog_informer_watch_errors_total", "How often a list or a watch failed, by resource.", label,
		sum(func(r watcher.ResourceStats) float64 { return float64(r.Errors) }))
	m.registry.EachCounter("undog_informer_reopened_total", "How often a watch was opened again because it had fallen silent, by resource.", label,
		sum(func(r watcher.ResourceStats) float64 { return float64(r.Reopened) }))
}
