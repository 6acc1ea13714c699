package app

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/undog-dev/undog/cmd/undog/meter"
	"github.com/undog-dev/undog/policy"
)

// engineMetrics is what goes into the engine and what comes out.
type engineMetrics struct {
	inputs, transitions, decisions, outcomes, vetoes, rollbacks *meter.Counters
	step                                                        prometheus.Histogram
	workloads, braked                                           prometheus.Gauge
}

func newEngineMetrics(r *meter.Registry) engineMetrics {
	return engineMetrics{
		inputs:      r.Counters("undog_inputs_total", "Inputs that the engine took, by kind.", "kind"),
		transitions: r.Counters("undog_transitions_total", "Transitions that the engine told, by kind and reason.", "kind", "reason"),
		decisions:   r.Counters("undog_decisions_total", "Decisions of the engine, by kind.", "kind"),
		outcomes:    r.Counters("undog_outcomes_total", "Outcomes of writes, by kind of decision, result and reason.", "kind", "result", "reason"),
		vetoes:      r.Counters("undog_vetoes_total", "Convictions that a veto held, by veto.", "veto"),
		rollbacks: r.Counters("undog_rollbacks_total",
			"Rollbacks, by result: that of the write, or WouldHave (observe mode) or Contested (the bad release came back).", "result"),
		step:      r.Histogram("undog_step_duration_seconds", "Time the engine took for one input.", stepBuckets()),
		workloads: r.Gauge("undog_engine_workloads", "Workloads that the engine holds a state for."),
		braked:    r.Gauge("undog_brake_engaged", "1 while the fleet brake holds, else 0."),
	}
}

// stepped counts an input.
func (m *engineMetrics) stepped(in policy.Input, took time.Duration) {
	m.step.Observe(took.Seconds())
	m.inputs.WithLabelValues(kindOf(in)).Inc()
	if o, ok := in.(policy.Outcome); ok {
		m.outcomes.WithLabelValues(string(o.Kind), string(o.Result), o.Reason).Inc()
		if o.Kind == policy.Undo {
			m.rollbacks.WithLabelValues(string(o.Result)).Inc()
		}
	}
}

// told counts a transition.
func (m *engineMetrics) told(t policy.Transition) {
	m.transitions.WithLabelValues(string(t.Kind), t.Reason).Inc()
	switch {
	case t.Kind == policy.RolloutHeld && slices.Contains(policy.Vetoes(), t.Reason):
		m.vetoes.WithLabelValues(t.Reason).Inc()
	case t.Kind == policy.RollbackWouldHave:
		m.rollbacks.WithLabelValues("WouldHave").Inc()
	case t.Kind == policy.RollbackContested:
		m.rollbacks.WithLabelValues("Contested").Inc()
	}
}

// kindOf names the kind of an input.
func kindOf(in policy.Input) string {
	switch in.(type) {
	case *policy.Observation:
		return "observation"
	case policy.Comparison:
		return "comparison"
	case policy.Outcome:
		return "outcome"
	case policy.Gone:
		return "gone"
	case policy.Contact:
		return "contact"
	case policy.Wake:
		return "wake"
	case policy.CheckResult:
		return "check"
	case policy.Report:
		return "report"
	case policy.Leadership:
		return "leadership"
	case policy.Fleet:
		return "fleet"
	}
	return meter.Other
}
