package app

import (
	"time"

	"github.com/undog-dev/undog/cmd/undog/meter"
)

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
	m.counter("undog_events_evicted_total", "Durable events younger than a week that the stream let go of by a limit of its own.",
		func() float64 { return float64(e.client.Evicted()) })
	waited := m.registry.Histogram("undog_event_ack_seconds",
		"Time from a transition, or from when it was found missing, to the acknowledgement of its event.", meter.LatencyBuckets())
	if box != nil {
		box.Accepted(func(d time.Duration) { waited.Observe(d.Seconds()) })
	}
	m.gauge("undog_nats_connected", "1 when NATS is connected and the stream is ready.", func() float64 {
		if _, up := e.status(); up {
			return 1
		}
		return 0
	})
}
