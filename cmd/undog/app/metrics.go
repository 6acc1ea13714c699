package app

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/undog-dev/undog/cmd/undog/meter"
	"github.com/undog-dev/undog/policy"
)

// metrics is what undog counts about itself; each group has a file of its own.
// No label holds a name of a workload: their number is not bounded.
type metrics struct {
	registry *meter.Registry
	engineMetrics
	reactionMetrics
	checkMetrics
	reports *meter.Counters
}

func newMetrics(version string) *metrics {
	r := meter.New()
	r.Info("undog_build_info", "Always 1; the label is the version.", "version", version)
	return &metrics{
		registry: r, engineMetrics: newEngineMetrics(r), reactionMetrics: newReactionMetrics(r), checkMetrics: newCheckMetrics(r),
		reports: r.Counters("undog_reports_total", "Verdicts reported from outside, by the reason of the answer.", "result"),
	}
}

// Metrics lists the metrics of undog's own, as they are documented.
func Metrics() []meter.Family {
	m := newMetrics("")
	// What is read when metrics are asked for is not asked for here.
	observe(m, nil, &events{}, nil)
	observeAcks(m, nil)
	observeEvidence(m, nil)
	observeChecks(m, nil, nil)
	observeStalls(m, nil)
	observeClock(m, nil)
	newReloadCounts(m, time.Time{})
	(&election{}).observe(m)
	(&kubeEvents{}).observe(m)
	return m.registry.Families()
}

// gauge registers a number that is read when it is asked for.
func (m *metrics) gauge(name, help string, read func() float64) {
	m.registry.GaugeFunc(name, help, read)
}

// counter registers a growing number that is read when it is asked for.
func (m *metrics) counter(name, help string, read func() float64) {
	m.registry.CounterFunc(name, help, read)
}

// stepped counts one step of the engine.
func (m *metrics) stepped(in policy.Input, r policy.Ready, took time.Duration) {
	m.engineMetrics.stepped(in, took)
	for _, t := range r.Transitions {
		m.told(t)
	}
	for _, d := range r.Decisions {
		m.decisions.WithLabelValues(string(d.Kind)).Inc()
	}
	if o, ok := in.(policy.Outcome); ok {
		m.ended(o)
	}
}

// stepBuckets, in seconds, are for what takes microseconds.
func stepBuckets() []float64 { return prometheus.ExponentialBuckets(1e-6, 4, 12) }
