package app

import (
	"time"

	"github.com/undog-dev/undog/watcher"
)

// observe registers what is read when metrics are asked for.
func observe(m *metrics, w *watcher.Watcher, e *events, a *actions) {
	m.gauge("undog_watched_deployments", "Deployments that are watched.", func() float64 { return float64(w.Stats().Workloads) })
	m.gauge("undog_watched_pods", "Pods that are held.", func() float64 { return float64(w.Stats().Pods) })
	m.gauge("undog_pending_workloads", "Workloads that changed and were not judged yet.",
		func() float64 { return float64(w.Stats().Pending) })
	m.counter("undog_watch_relists_total", "How often everything had to be read again.", func() float64 {
		var n uint64
		for _, r := range w.Stats().Resources {
			n += r.Relists
		}
		return float64(n)
	})
	m.counter("undog_watch_errors_total", "How often a watch failed.", func() float64 {
		var n uint64
		for _, r := range w.Stats().Resources {
			n += r.Errors
		}
		return float64(n)
	})
	m.gauge("undog_watch_last_event_age_seconds", "Time since anything was heard from the cluster.", func() float64 {
		var last time.Time
		for _, r := range w.Stats().Resources {
			if r.LastEvent.After(last) {
				last = r.LastEvent
			}
		}
		if last.IsZero() {
			return 0
		}
		return time.Since(last).Seconds()
	})
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

// observeOutbox registers the numbers of the outbox.
func observeOutbox(m *metrics, e *events) {
	box := e.outbox
	m.gauge("undog_outbox_depth", "Events that wait to be published.", func() float64 { return float64(box.Stats().Depth) })
	m.gauge("undog_outbox_oldest_age_seconds", "How long the oldest of them has waited.",
		func() float64 { return box.Stats().Oldest.Seconds() })
	m.counter("undog_events_published_total", "Events that were accepted.", func() float64 { return float64(box.Stats().Published) })
	m.counter("undog_events_duplicate_total", "Events that the stream had already.", func() float64 { return float64(box.Stats().Duplicates) })
	m.counter("undog_events_retried_total", "Tries to publish that are repeated.", func() float64 { return float64(box.Stats().Retried) })
	m.counter("undog_events_rejected_total", "Events that can never be published.", func() float64 { return float64(box.Stats().Failed) })
	m.counter("undog_events_shed_total", "Best-effort events dropped because the queue was full.",
		func() float64 { return float64(box.Stats().Shed) })
	m.counter("undog_events_deferred_total", "Durable events dropped from the full queue, to be derived again.",
		func() float64 { return float64(box.Stats().Forgotten) })
	m.counter("undog_events_reconciled_total", "Events found missing from the stream and queued.",
		func() float64 { return float64(box.Stats().Reconciled) })
	m.counter("undog_events_stream_losses_total", "Times the stream was found to have lost events that it had acknowledged.",
		func() float64 { return float64(box.Stats().Losses) })
	m.gauge("undog_nats_connected", "1 when NATS is connected and the stream is ready.", func() float64 {
		if _, up := e.status(); up {
			return 1
		}
		return 0
	})
}
