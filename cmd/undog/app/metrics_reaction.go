package app

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/undog-dev/undog/cmd/undog/meter"
	"github.com/undog-dev/undog/policy"
)

// maxOpen bounds the decisions whose writes are waited for; the engine has at
// most one open per workload.
const maxOpen = 4096

// reactionMetrics is how long undog takes. Only the loop touches open.
type reactionMetrics struct {
	decided, written prometheus.Histogram
	// open is when the evidence came in behind each decision that is carried out.
	open map[string]time.Time
}

func newReactionMetrics(r *meter.Registry) reactionMetrics {
	const since = "Time from when the watch delivered the newest pod status that was judged to "
	return reactionMetrics{
		decided: r.Histogram("undog_evidence_to_decision_seconds", since+"the decision to undo or pause. Graces that the policy grants are part of it.", meter.LatencyBuckets()),
		written: r.Histogram("undog_evidence_to_write_seconds", since+"the end of the write that undid or paused.", meter.LatencyBuckets()),
		open:    map[string]time.Time{},
	}
}

// reacts notes a decision about a workload that was last heard of at a time;
// the zero time is that of a workload that no pod has been heard of.
func (m *reactionMetrics) reacts(d policy.Decision, heard time.Time) {
	if d.Kind != policy.Undo && d.Kind != policy.Pause || heard.IsZero() {
		return
	}
	m.decided.Observe(max(0, time.Since(heard)).Seconds())
	if len(m.open) < maxOpen {
		m.open[d.ID] = heard
	}
}

// ended notes how a write ended.
func (m *reactionMetrics) ended(o policy.Outcome) {
	heard, ok := m.open[o.DecisionID]
	if !ok || o.Kind != policy.Undo && o.Kind != policy.Pause {
		return
	}
	delete(m.open, o.DecisionID)
	if o.Result == policy.Done {
		m.written.Observe(max(0, time.Since(heard)).Seconds())
	}
}
