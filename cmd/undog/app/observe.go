package app

import (
	"time"

	"github.com/undog-dev/undog/watcher"
)

// observe registers what is read when metrics are asked for.
func observe(m *metrics, w *watcher.Watcher, e *events, a *actions) {
	m.gauge("undog_watched_deployments", "Deployments that are watched.", func() float64 { return float64(w.Stats().Workloads) })
	m.gauge("undog_watched_revisions", "Revisions that are held.", func() float64 { return float64(w.Stats().Revisions) })
	m.gauge("undog_watched_records", "Records of the ledger that are held.", func() float64 { return float64(w.Stats().Records) })
	m.gauge("undog_watched_pods", "Pods that are held.", func() float64 { return float64(w.Stats().Pods) })
	m.gauge("undog_pending_workloads", "Workloads that changed and were not judged yet.",
		func() float64 { return float64(w.Stats().Pending) })
	observeInformers(m, w)
	m.gauge("undog_watch_lost_seconds", "How long the cluster has not been heard, 0 when all is well.", func() float64 {
		now := time.Now()
		if lost := w.Lost(now); !lost.IsZero() {
			return now.Sub(lost).Seconds()
		}
		return 0
	})
	m.gauge("undog_actions_waiting", "Decisions that wait to be carried out.", func() float64 { return float64(a.depth()) })
	observeOutbox(m, e)
}
