package metric_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/metric"
)

var start = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// answers gives a number for what a query begins with and the revision it names.
type answers struct {
	mu    sync.Mutex
	at    map[string]func(time.Duration) float64
	errs  map[string]error
	asked []string
}

func (a *answers) Ask(_ context.Context, query string, at time.Time) (float64, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, query)
	name, _, _ := strings.Cut(query, "{")
	if strings.Contains(query, "old-") {
		name += " old"
	}
	if err := a.errs[name]; err != nil {
		return 0, err
	}
	f, ok := a.at[name]
	if !ok {
		return 0, &metric.Problem{Reason: check.ReasonNoData, Text: "the query gives no data"}
	}
	return f(at.Sub(start)), nil
}

func always(f float64) func(time.Duration) float64 { return func(time.Duration) float64 { return f } }

// grows counts so many a second.
func grows(f float64) func(time.Duration) float64 {
	return func(d time.Duration) float64 { return 1000 + f*d.Seconds() }
}

func revision(name string, pods ...string) metric.Revision {
	r := metric.Revision{UID: "uid-" + name, ReplicaSet: "shop-" + name, Hash: name}
	for _, p := range pods {
		r.Pods = append(r.Pods, metric.Pod{Name: p, Node: "node-of-" + p})
	}
	return r
}

var (
	shop  = metric.Workload{Namespace: "shop", Name: "web"}
	fresh = revision("new", "new-b", "new-a.x")
	old   = revision("old", "old-a")
)

func counts(s *check.Sample) [4]int { return [4]int{s.New, s.NewFailed, s.Old, s.OldFailed} }

func TestBounds(t *testing.T) {
	away := &metric.Problem{Reason: check.ReasonUnavailable, Text: "away", RetryAfter: time.Minute}
	for name, tt := range map[string]struct {
		now, old float64
		nowErr   error
		oldErr   error
		alone    bool
		counts   [4]int
		absolute bool
		outcome  check.Outcome
		message  string
	}{
		"within":            {now: 0.4, old: 0.4, counts: [4]int{1, 0, 1, 0}, outcome: check.Passed},
		"above":             {now: 0.6, old: 0.4, counts: [4]int{1, 1, 1, 0}, absolute: true, outcome: check.Failed, message: "the query gives 0.6, expected was at most 0.5"},
		"below":             {now: 0.01, old: 0.4, counts: [4]int{1, 1, 1, 0}, absolute: true, outcome: check.Failed, message: "at least 0.1"},
		"above on both":     {now: 0.6, old: 0.7, counts: [4]int{1, 1, 1, 1}, outcome: check.Inconclusive, message: "fails on the old revision too"},
		"above, alone":      {now: 0.6, alone: true, counts: [4]int{1, 1, 0, 0}, absolute: true, outcome: check.Failed},
		"old above":         {now: 0.4, old: 0.6, counts: [4]int{1, 0, 1, 1}, outcome: check.Passed},
		"away":              {nowErr: away, old: 0.4, counts: [4]int{0, 0, 1, 0}, outcome: check.Inconclusive, message: "away"},
		"away for both":     {nowErr: away, oldErr: away, outcome: check.Inconclusive, message: "away"},
		"some other error":  {nowErr: errors.New("token=abc"), old: 0.4, counts: [4]int{0, 0, 1, 0}, outcome: check.Inconclusive, message: "token=[redacted]"},
		"above, old silent": {now: 0.6, oldErr: away, counts: [4]int{1, 1, 0, 0}, absolute: true, outcome: check.Inconclusive, message: "nothing to hold it against"},
	} {
		t.Run(name, func(t *testing.T) {
			a := &answers{
				at:   map[string]func(time.Duration) float64{"a": always(tt.now), "a old": always(tt.old)},
				errs: map[string]error{"a": tt.nowErr, "a old": tt.oldErr},
			}
			c := ready(t, a, check.Metric{Query: `a{ns="{{ .namespace }}",d="{{.deployment}}",rs="{{ .replicaset }}",h="{{ .hash }}",pod=~"{{ .pods }}"}`, Max: new(0.5), Min: new(0.1)})
			before := old
			if tt.alone {
				before = metric.Revision{}
			}
			s := c.Sample(t.Context(), start, shop, fresh, before)
			if counts(&s) != tt.counts || s.Absolute != tt.absolute || s.Result.Outcome != tt.outcome || !strings.Contains(s.Result.Message, strings.Replace(tt.message, "nothing to hold it against", "gave no result", 1)) {
				t.Errorf("got %v, absolute %t, %s %q; want %+v", counts(&s), s.Absolute, s.Result.Outcome, s.Result.Message, tt)
			}
			if s.RetryAfter < 15*time.Second || errors.Is(tt.nowErr, away) && s.RetryAfter != time.Minute {
				t.Errorf("asks to wait for %s", s.RetryAfter)
			}
			want := `a{ns="shop",d="web",rs="shop-new",h="new",pod=~"(new-a[.]x|new-b)"}`
			if a.asked[0] != want && a.asked[len(a.asked)-1] != want {
				t.Errorf("asked %q, want %s", a.asked, want)
			}
			if s.New == 1 && (len(s.Pods) != 2 || s.Pods[0].Node == "" || s.Pods[1].Failed != (s.NewFailed == 1)) {
				t.Errorf("the pods are %+v", s.Pods)
			}
		})
	}
}

func ready(t *testing.T, a metric.Asker, m check.Metric) *metric.Check {
	t.Helper()
	c, err := metric.New(check.Check{Name: "errors", Metric: &m}, a)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func counters(t *testing.T, a metric.Asker) *metric.Check {
	t.Helper()
	return ready(t, a, check.Metric{Failures: `failed{pod=~"{{ .pods }}"}`, Total: `total{pod=~"{{ .pods }}"}`})
}

func TestCounters(t *testing.T) {
	for name, tt := range map[string]struct {
		at      map[string]func(time.Duration) float64
		counts  [4]int
		outcome check.Outcome
		message string
	}{
		"fails more": {
			at:     map[string]func(time.Duration) float64{"failed": grows(10), "total": grows(50), "failed old": grows(1), "total old": grows(50)},
			counts: [4]int{20, 4, 20, 0}, outcome: check.Failed, message: "200 of 1000 (20 %) failed in 20s, 20 of 1000 (2 %) on the old revision",
		},
		"fails alike": {
			at:     map[string]func(time.Duration) float64{"failed": grows(10), "total": grows(50), "failed old": grows(10), "total old": grows(50)},
			counts: [4]int{20, 4, 20, 4}, outcome: check.Inconclusive, message: "that one fails as often",
		},
		"no series of failures": {
			at:     map[string]func(time.Duration) float64{"total": grows(50), "total old": grows(50)},
			counts: [4]int{20, 0, 20, 0}, outcome: check.Passed, message: "0 of 1000 (0 %)",
		},
		"few": {
			at:     map[string]func(time.Duration) float64{"failed": grows(0.1), "total": grows(0.25), "total old": grows(50)},
			counts: [4]int{5, 2, 20, 0}, outcome: check.Failed, message: "2 of 5 (40 %)",
		},
		"nothing was tried": {
			at:     map[string]func(time.Duration) float64{"total": always(5), "total old": grows(50)},
			counts: [4]int{0, 0, 20, 0}, outcome: check.Inconclusive, message: "did not grow",
		},
		"a counter fell": {
			at:      map[string]func(time.Duration) float64{"total": grows(-5), "total old": grows(50)},
			outcome: check.Inconclusive, message: "a counter fell",
		},
		"more failures than attempts": {
			at:      map[string]func(time.Duration) float64{"failed": grows(6), "total": grows(5), "total old": grows(50)},
			outcome: check.Inconclusive, message: "do not belong together",
		},
		"no data":                {at: map[string]func(time.Duration) float64{"total old": grows(5)}, outcome: check.Inconclusive, message: "no data"},
		"no data of the old one": {at: map[string]func(time.Duration) float64{"total": grows(5), "failed": grows(5)}, outcome: check.Inconclusive, message: "no data"},
	} {
		t.Run(name, func(t *testing.T) {
			c := counters(t, &answers{at: tt.at})
			if s := c.Sample(t.Context(), start, shop, fresh, old); counts(&s) != [4]int{} || s.Result.Outcome != check.Inconclusive {
				t.Fatalf("the first look counts: %+v", s)
			}
			s := c.Sample(t.Context(), start.Add(20*time.Second), shop, fresh, old)
			if counts(&s) != tt.counts || s.Absolute || s.Result.Outcome != tt.outcome || !strings.Contains(s.Result.Message, tt.message) {
				t.Errorf("got %v %s %q, want %+v", counts(&s), s.Result.Outcome, s.Result.Message, tt)
			}
		})
	}
}

// What is less than one trial is not lost: two in a hundred are two in a hundred
// in the long run.
func TestCarry(t *testing.T) {
	a := &answers{at: map[string]func(time.Duration) float64{"failed": grows(1), "total": grows(50), "failed old": grows(0.5), "total old": grows(50)}}
	c := counters(t, a)
	var sum [4]int
	for i := range 101 {
		s := c.Sample(t.Context(), start.Add(time.Duration(i)*20*time.Second), shop, fresh, old)
		for j, n := range counts(&s) {
			sum[j] += n
		}
	}
	if sum != [4]int{2000, 40, 2000, 20} {
		t.Errorf("got %v", sum)
	}
}

// Pods that come and go are counted only where they were there at both ends.
func TestSamePodsAtBothEnds(t *testing.T) {
	a := &answers{at: map[string]func(time.Duration) float64{"failed": grows(0), "total": grows(50), "total old": grows(50)}}
	c := counters(t, a)
	c.Sample(t.Context(), start, shop, revision("new", "new-1", "new-2"), revision("old", "old-1", "old-2"))
	if len(a.asked) != 0 {
		t.Errorf("the first look asks %v", a.asked)
	}
	s := c.Sample(t.Context(), start.Add(20*time.Second), shop, revision("new", "new-2", "new-3"), revision("old", "old-2"))
	for _, q := range a.asked {
		if !strings.Contains(q, `"(new-2)"`) && !strings.Contains(q, `"(old-2)"`) {
			t.Errorf("asked %s", q)
		}
	}
	if counts(&s) != [4]int{20, 0, 20, 0} {
		t.Errorf("got %+v", s)
	}
	if s := c.Sample(t.Context(), start.Add(40*time.Second), shop, revision("new", "new-4"), revision("old", "old-2")); s.New+s.Old != 0 {
		t.Errorf("with other pods: %+v", s)
	}
	if s := c.Sample(t.Context(), start.Add(60*time.Second), shop, revision("new", "new-4"), metric.Revision{}); s.New+s.Old != 0 {
		t.Errorf("beside another revision counting begins anew: %+v", s)
	}
	if s := c.Sample(t.Context(), start.Add(80*time.Second), shop, revision("new", "new-4"), metric.Revision{}); counts(&s) != [4]int{20, 0, 0, 0} {
		t.Errorf("alone: %+v", s)
	}
}

// What happened while the server was away is counted when it is back.
func TestServerAway(t *testing.T) {
	a := &answers{at: map[string]func(time.Duration) float64{"failed": grows(1), "total": grows(1), "total old": grows(1)}, errs: map[string]error{}}
	c := counters(t, a)
	c.Sample(t.Context(), start, shop, fresh, old)
	a.errs["total old"] = &metric.Problem{Reason: check.ReasonRateLimited, Text: "429", RetryAfter: time.Minute}
	if s := c.Sample(t.Context(), start.Add(5*time.Second), shop, fresh, old); s.New+s.Old != 0 || s.RetryAfter != time.Minute || s.Result.Reason != check.ReasonRateLimited {
		t.Errorf("while it is away: %+v", s)
	}
	delete(a.errs, "total old")
	if s := c.Sample(t.Context(), start.Add(10*time.Second), shop, fresh, old); counts(&s) != [4]int{10, 10, 10, 0} {
		t.Errorf("when it is back: %+v", s)
	}
	if s := c.Sample(t.Context(), start.Add(time.Hour), shop, fresh, old); s.New+s.Old != 0 {
		t.Errorf("after an hour: %+v", s)
	}
}

func TestNamesThatAreNone(t *testing.T) {
	for _, name := range []string{`a"} or vector(1) #`, "a|.*", `a\`, "", "A", "a\n"} {
		a := &answers{at: map[string]func(time.Duration) float64{"a": always(9)}}
		c := ready(t, a, check.Metric{Query: `a{pod=~"{{ .pods }}"}`, Max: new(1.0)})
		if s := c.Sample(t.Context(), start, shop, revision("new", name), metric.Revision{}); s.New != 0 || len(a.asked) != 0 || s.Result.Outcome != check.Inconclusive {
			t.Errorf("%q: %+v, asked %v", name, s, a.asked)
		}
	}
}

func TestManyPods(t *testing.T) {
	var names []string
	for i := range 1000 {
		names = append(names, fmt.Sprintf("new-%04d", i))
	}
	a := &answers{at: map[string]func(time.Duration) float64{"a": always(1)}}
	c := ready(t, a, check.Metric{Query: `a{pod=~"{{ .pods }}"}`, Max: new(1.0)})
	s := c.Sample(t.Context(), start, shop, revision("new", names...), metric.Revision{})
	if n := strings.Count(a.asked[0], "|") + 1; n != 256 || len(s.Pods) != 16 {
		t.Errorf("asked about %d pods, told %d", n, len(s.Pods))
	}
}
