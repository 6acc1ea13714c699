package app

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/undog-dev/undog/policy"
)

// metrics is what undog counts about itself. No label holds a name of a
// workload: their number is not bounded.
type metrics struct {
	registry    *prometheus.Registry
	inputs      *prometheus.CounterVec
	transitions *prometheus.CounterVec
	decisions   *prometheus.CounterVec
	outcomes    *prometheus.CounterVec
	reports     *prometheus.CounterVec
	step        prometheus.Histogram
	workloads   prometheus.Gauge
	plays       *prometheus.CounterVec
	playing     prometheus.Histogram
	kept        *prometheus.CounterVec
}

func newMetrics(version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		inputs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "undog_inputs_total",
			Help: "Inputs that the engine took, by kind.",
		}, []string{"kind"}),
		transitions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "undog_transitions_total",
			Help: "Transitions that the engine told, by kind and reason.",
		}, []string{"kind", "reason"}),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "undog_decisions_total",
			Help: "Decisions of the engine, by kind.",
		}, []string{"kind"}),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "undog_outcomes_total",
			Help: "Outcomes of writes, by kind of decision, result and reason.",
		}, []string{"kind", "result", "reason"}),
		reports: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "undog_reports_total",
			Help: "Verdicts reported from outside, by the reason of the answer.",
		}, []string{"result"}),
		step: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "undog_step_duration_seconds",
			Help: "Time the engine took for one input.", Buckets: prometheus.ExponentialBuckets(1e-6, 4, 10),
		}),
		workloads: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "undog_engine_workloads",
			Help: "Workloads that the engine holds a state for.",
		}),
	}
	m.plays = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "undog_check_plays_total",
		Help: "Plays of checks, by check, outcome and reason.",
	}, []string{"check", "outcome", "reason"})
	m.playing = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "undog_check_play_duration_seconds",
		Help: "Time from the decision to play a check to its result.", Buckets: prometheus.ExponentialBuckets(0.01, 3, 9),
	})
	m.kept = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "undog_check_baselines_total",
		Help: "Tries to keep what a settled revision answers to a check, by outcome.",
	}, []string{"outcome"})
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "undog_build_info",
		Help: "Always 1; the label is the version.", ConstLabels: prometheus.Labels{"version": version},
	})
	info.Set(1)
	m.registry.MustRegister(m.inputs, m.transitions, m.decisions, m.outcomes, m.reports, m.step, m.workloads, m.plays, m.playing, m.kept, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// gauge registers a number that is read when it is asked for.
func (m *metrics) gauge(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
}

// counter registers a growing number that is read when it is asked for.
func (m *metrics) counter(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, read))
}

// stepped counts one step of the engine.
func (m *metrics) stepped(in policy.Input, r policy.Ready, took time.Duration) {
	m.step.Observe(took.Seconds())
	switch in := in.(type) {
	case *policy.Observation:
		m.inputs.WithLabelValues("observation").Inc()
	case policy.Comparison:
		m.inputs.WithLabelValues("comparison").Inc()
	case policy.Outcome:
		m.inputs.WithLabelValues("outcome").Inc()
		m.outcomes.WithLabelValues(string(in.Kind), string(in.Result), in.Reason).Inc()
	case policy.Gone:
		m.inputs.WithLabelValues("gone").Inc()
	case policy.Contact:
		m.inputs.WithLabelValues("contact").Inc()
	case policy.Wake:
		m.inputs.WithLabelValues("wake").Inc()
	case policy.CheckResult:
		m.inputs.WithLabelValues("check").Inc()
	case policy.Report:
		m.inputs.WithLabelValues("report").Inc()
	case policy.Leadership:
		m.inputs.WithLabelValues("leadership").Inc()
	case policy.Fleet:
		m.inputs.WithLabelValues("fleet").Inc()
	}
	for _, t := range r.Transitions {
		m.transitions.WithLabelValues(string(t.Kind), t.Reason).Inc()
	}
	for _, d := range r.Decisions {
		m.decisions.WithLabelValues(string(d.Kind)).Inc()
	}
}

// played counts one play of a check. The names of checks are those of the
// configuration, and the reasons are a fixed set.
func (m *metrics) played(r policy.CheckResult, took time.Duration) {
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
func (m *metrics) tried(err error) {
	outcome := "kept"
	if err != nil {
		outcome = "failed"
	}
	m.kept.WithLabelValues(outcome).Inc()
}
