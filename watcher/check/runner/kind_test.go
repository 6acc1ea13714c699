package runner_test

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/logs"
	"github.com/undog-dev/undog/watcher/check/metric"
)

// written is what pods have just written, by their names.
type written map[string]string

func (w written) Open(_ context.Context, r logs.Request) (io.ReadCloser, error) {
	text := ""
	if line := w[r.Pod]; line != "" && !r.Previous {
		text = time.Now().UTC().Format(time.RFC3339Nano) + " " + line + "\n"
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

var tracebacks = check.Check{Name: "tracebacks", Log: &check.Log{Patterns: []string{"Traceback"}}}

func TestLogs(t *testing.T) {
	const bad = "Traceback (most recent call last)"
	for name, tt := range map[string]struct {
		logs     written
		want     counts
		reason   check.Reason
		absolute bool
	}{
		"quiet":                {written{"new-1": "all is well"}, counts{2, 0, 2, 0}, "", false},
		"one of the new pods":  {written{"new-2": bad}, counts{2, 1, 2, 0}, check.ReasonExpectation, true},
		"the old ones as well": {written{"new-1": bad, "old-1": bad}, counts{2, 1, 2, 1}, check.ReasonExpectation, false},
		"only the old ones":    {written{"old-1": bad, "old-2": bad}, counts{2, 0, 2, 2}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t)
			w.logs = tt.logs
			for i := range 2 {
				w.pod(fmt.Sprint("new-", i+1), newRS, fmt.Sprint("n", i), good)
				w.pod(fmt.Sprint("old-", i+1), oldRS, fmt.Sprint("n", i), good)
			}
			w.pod("new-3", newRS, "n3", good)
			w.change("new-3", func(p *corev1.Pod) { p.Status.Conditions[0].Status = corev1.ConditionFalse })
			got := w.runner(nil, tracebacks).Play(t.Context(), decision("tracebacks"))
			if of(got) != tt.want || got.Reason != string(tt.reason) || got.Absolute != tt.absolute || got.RetryAfter == 0 {
				t.Errorf("got %+v %s absolute %v (%s), want %+v %s %v", of(got), got.Reason, got.Absolute, got.Message, tt.want, tt.reason, tt.absolute)
			}
			var pods []policy.CheckedPod
			for i := range 2 {
				pod := fmt.Sprint("new-", i+1)
				pods = append(pods, policy.CheckedPod{Name: pod, Node: fmt.Sprint("n", i), Failed: tt.logs[pod] == bad})
			}
			if !reflect.DeepEqual(got.Pods, pods) {
				t.Errorf("pods %+v, want %+v", got.Pods, pods)
			}
			if n := w.times("new-1") + w.times("old-1"); n != 0 {
				t.Errorf("the pods were sent %d requests", n)
			}
		})
	}
}

// Without a pod whose log may be read nothing is learned.
func TestLogsOfNobody(t *testing.T) {
	w := newTown(t)
	w.logs = written{}
	w.pod("old-1", oldRS, "n1", good)
	got := w.runner(nil, tracebacks).Play(t.Context(), decision("tracebacks"))
	if of(got) != (counts{}) || got.Reason != string(check.ReasonNoPod) {
		t.Errorf("got %+v %s", of(got), got.Reason)
	}
}

// measured answers queries by what they contain.
type measured struct {
	numbers map[string]float64

	mu    sync.Mutex
	asked []string
}

func (m *measured) Ask(_ context.Context, query string, _ time.Time) (float64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, query)
	for part, n := range m.numbers {
		if strings.Contains(query, part) {
			return n, nil
		}
	}
	return 0, &metric.Problem{Reason: check.ReasonNoData, Text: "no data"}
}

func TestMetrics(t *testing.T) {
	most := 10.0
	slow := check.Check{Name: "slow", Metric: &check.Metric{
		Query: `max(latency{namespace="{{ .namespace }}",deployment="{{ .deployment }}",hash="{{ .hash }}",pod=~"{{ .pods }}"})`, Max: &most,
	}}
	for name, tt := range map[string]struct {
		now, old string
		want     counts
		reason   check.Reason
		absolute bool
	}{
		"within bounds":  {"3", "3", counts{1, 0, 1, 0}, "", false},
		"beyond":         {"30", "3", counts{1, 1, 1, 0}, check.ReasonExpectation, true},
		"both of them":   {"30", "30", counts{1, 1, 1, 1}, check.ReasonExpectation, false},
		"nothing is old": {"30", "", counts{1, 1, 0, 0}, check.ReasonExpectation, true},
		"no data":        {"", "3", counts{0, 0, 1, 0}, check.ReasonNoData, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t)
			m := &measured{numbers: map[string]float64{}}
			w.metrics = m
			for pod, n := range map[string]string{"(new-1|new-2)": tt.now, "(old-1)": tt.old} {
				var number float64
				if _, err := fmt.Sscan(n, &number); err == nil {
					m.numbers[pod] = number
				}
			}
			w.pod("new-1", newRS, "n1", good)
			w.pod("new-2", newRS, "n2", good)
			if tt.old != "" {
				w.pod("old-1", oldRS, "n1", good)
			}
			d := decision("slow")
			d.From.Hash, d.To.Hash = "abc", "def"
			got := w.runner(nil, slow).Play(t.Context(), d)
			if of(got) != tt.want || got.Reason != string(tt.reason) || got.Absolute != tt.absolute {
				t.Errorf("got %+v %s absolute %v (%s), want %+v %s %v", of(got), got.Reason, got.Absolute, got.Message, tt.want, tt.reason, tt.absolute)
			}
			if tt.want.New > 0 && (len(got.Pods) != 2 || got.Pods[1].Node != "n2" || got.Pods[1].Failed != (tt.want.NewFailed > 0)) {
				t.Errorf("pods %+v", got.Pods)
			}
			asked := strings.Join(m.asked, "\n")
			if !strings.Contains(asked, `namespace="shop",deployment="web",hash="abc",pod=~"(new-1|new-2)"`) || strings.Contains(asked, `hash="def"`) != (tt.old != "") {
				t.Errorf("asked was %s", asked)
			}
		})
	}
}
