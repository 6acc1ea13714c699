package app

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/undog-dev/undog/cmd/undog/meter"
	"github.com/undog-dev/undog/policy"
)

// checkMetrics is what checks found.
type checkMetrics struct {
	plays, kept *meter.Counters
	playing     prometheus.Histogram
}

func newCheckMetrics(r *meter.Registry) checkMetrics {
	return checkMetrics{
		plays:   r.Counters("undog_check_plays_total", "Plays of checks, by check, outcome and reason.", "check", "outcome", "reason"),
		playing: r.Histogram("undog_check_play_duration_seconds", "Time from the decision to play a check to its result.", meter.LatencyBuckets()),
		kept:    r.Counters("undog_check_baselines_total", "Tries to keep what a settled revision answers to a check, by outcome.", "outcome"),
	}
}

// played counts one play of a check. The names of checks are those of the
// configuration, and the reasons are a fixed set.
func (m *checkMetrics) played(r policy.CheckResult, took time.Duration) {
	outcome := "passed"
	switch {
	case r.NewFailed > 0:
		outcome = "failed"
	case r.New == 0:
		outcome = "inconclusive"
	}
	m.plays.WithLabelValues(r.Check, outcome, r.Reason).Inc()
	m.playing.Observe(took.Seconds())
}

// tried counts one try to keep what a settled revision answers.
func (m *checkMetrics) tried(err error) {
	outcome := "kept"
	if err != nil {
		outcome = "failed"
	}
	m.kept.WithLabelValues(outcome).Inc()
}

// observeChecks registers what checks do.
func observeChecks(m *metrics, c *checks, r *stage) {
	m.gauge("undog_check_plays_waiting", "Plays of checks that wait for their turn.", func() float64 {
		waiting, _ := c.load()
		return float64(waiting)
	})
	m.gauge("undog_check_plays_open", "Plays of checks that are under way.", func() float64 {
		_, playing := c.load()
		return float64(playing)
	})
	m.gauge("undog_check_pods", "Pods that are being asked.", func() float64 { return float64(r.Stats().Playing) })
	m.gauge("undog_check_baselines_bytes", "Bytes of what is kept of old revisions' answers.",
		func() float64 { return float64(r.Stats().Baselines) })
}
