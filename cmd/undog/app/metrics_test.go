package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/undog-dev/undog/policy"
)

// TestMetricsKeepTheRules lints everything that an undog which is running tells,
// after much has happened to it, and looks for labels that could be unbounded.
func TestMetricsKeepTheRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stall(t)
		defer s.end()
		m := s.loop.metrics
		for i := range 1000 {
			foreign := fmt.Sprintf("Foreign%d", i)
			m.told(policy.Transition{Kind: policy.RolloutHeld, Reason: foreign})
			m.told(policy.Transition{Kind: policy.RollbackWouldHave, Reason: "two words\n"})
			m.stepped(policy.Outcome{Kind: policy.Undo, Result: policy.Refused, Reason: foreign}, policy.Ready{}, time.Millisecond)
			m.played(policy.CheckResult{Check: foreign, Reason: foreign}, time.Second)
			m.reports.WithLabelValues(foreign).Inc()
		}
		m.tried(nil)
		problems, err := testutil.GatherAndLint(m.registry)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
		documented := map[string][]string{}
		for _, f := range Metrics() {
			documented[f.Name] = f.Labels
			if !strings.HasSuffix(f.Help, ".") || !strings.HasPrefix(f.Name, "undog_") {
				t.Errorf("%s: want a sentence as help, and a name that begins with undog_: %q", f.Name, f.Help)
			}
		}
		gathered, err := m.registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range gathered {
			if n := len(f.GetMetric()); n > 110 {
				t.Errorf("%s has %d series", f.GetName(), n)
			}
			for _, series := range f.GetMetric() {
				for _, l := range series.GetLabel() {
					if slices.Contains([]string{"namespace", "deployment", "workload", "pod", "uid", "url", "path", "host", "node"}, l.GetName()) {
						t.Errorf("%s has the label %s", f.GetName(), l.GetName())
					}
					if strings.HasPrefix(f.GetName(), "undog_") && !slices.Contains(documented[f.GetName()], l.GetName()) {
						t.Errorf("%s has the label %s, which is not documented", f.GetName(), l.GetName())
					}
				}
			}
			if _, ok := documented[f.GetName()]; !ok && strings.HasPrefix(f.GetName(), "undog_") {
				t.Errorf("%s is not documented: make it in newMetrics, or name what registers it in Metrics", f.GetName())
			}
		}
	})
}

// TestReaction measures from the evidence to the decision and to the write.
func TestReaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMetrics("test")
		heard := time.Now()
		pass := func(d time.Duration) { <-time.After(d) }
		pass(20 * time.Millisecond)
		m.reacts(policy.Decision{ID: "1", Kind: policy.Undo}, heard)
		m.reacts(policy.Decision{ID: "2", Kind: policy.Pause}, heard)
		m.reacts(policy.Decision{ID: "3", Kind: policy.Remember}, heard)
		m.reacts(policy.Decision{ID: "4", Kind: policy.Undo}, time.Time{})
		pass(2 * time.Second)
		m.stepped(policy.Outcome{DecisionID: "1", Kind: policy.Undo, Result: policy.Done}, policy.Ready{}, 0)
		m.stepped(policy.Outcome{DecisionID: "2", Kind: policy.Pause, Result: policy.Refused}, policy.Ready{}, 0)
		m.stepped(policy.Outcome{DecisionID: "3", Kind: policy.Remember, Result: policy.Done}, policy.Ready{}, 0)
		if len(m.open) != 0 {
			t.Errorf("%d decisions are kept that have ended", len(m.open))
		}
		for name, want := range map[string]struct {
			n   uint64
			sum float64
		}{
			"undog_evidence_to_decision_seconds": {2, 0.04},
			"undog_evidence_to_write_seconds":    {1, 2.02},
		} {
			n, sum := histogram(t, m.registry, name)
			if n != want.n || sum != want.sum {
				t.Errorf("%s has %d observations with the sum %v, want %d and %v", name, n, sum, want.n, want.sum)
			}
		}
		if got := testutil.ToFloat64(m.rollbacks.WithLabelValues("Done")); got != 1 {
			t.Errorf("%v rollbacks were done, want 1", got)
		}
	})
}

func TestVetoesAreCounted(t *testing.T) {
	m := newMetrics("test")
	veto := policy.Vetoes()[0]
	m.told(policy.Transition{Kind: policy.RolloutHeld, Reason: veto})
	m.told(policy.Transition{Kind: policy.RolloutHeld, Reason: "TargetNotReady"})
	m.told(policy.Transition{Kind: policy.RollbackContested, Reason: "CameBack"})
	if got, err := testutil.GatherAndCount(m.registry, "undog_vetoes_total"); err != nil || got != 1 {
		t.Errorf("%d vetoes are counted (%v), want %s only", got, err, veto)
	}
	if got := testutil.ToFloat64(m.vetoes.WithLabelValues(veto)); got != 1 {
		t.Errorf("%s is counted %v times", veto, got)
	}
	if got := testutil.ToFloat64(m.rollbacks.WithLabelValues("Contested")); got != 1 {
		t.Errorf("%v contested rollbacks are counted", got)
	}
}

// histogram reads one from a registry.
func histogram(t *testing.T, r prometheus.Gatherer, name string) (n uint64, sum float64) {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			h := f.GetMetric()[0].GetHistogram()
			return h.GetSampleCount(), h.GetSampleSum()
		}
	}
	t.Fatalf("%s is not told", name)
	return 0, 0
}
