package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
)

func TestWatched(t *testing.T) {
	for _, c := range []struct {
		name, own, namespace string
		watch                config.Watch
		labels               map[string]string
		want                 bool
	}{
		{name: "any", namespace: "shop", want: true},
		{name: "kubernetes' own", namespace: "kube-system"},
		{name: "undog's own", own: "undog", namespace: "undog"},
		{name: "undog's own by name", own: "undog", namespace: "undog", watch: config.Watch{Namespaces: []string{"undog"}}, want: true},
		{name: "named", namespace: "shop", watch: config.Watch{Namespaces: []string{"shop"}}, want: true},
		{name: "not named", namespace: "web", watch: config.Watch{Namespaces: []string{"shop"}}},
		{name: "selected", namespace: "shop", watch: config.Watch{Selector: "team in (a,b)"}, labels: map[string]string{"team": "b"}, want: true},
		{name: "not selected", namespace: "shop", watch: config.Watch{Selector: "team in (a,b)"}},
	} {
		cfg := config.Default()
		cfg.Watch = c.watch
		match, err := watched(&cfg, c.own)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := match(c.namespace, policy.LabelsOf(c.labels)); got != c.want {
			t.Errorf("%s: watched is %v, want %v", c.name, got, c.want)
		}
	}
}

// TestSettingsFirstMatch checks that policies keep their order and their selectors.
func TestSettingsFirstMatch(t *testing.T) {
	cfg := config.Default()
	cfg.Policies = []config.Policy{
		{Name: "pay", Match: config.Match{Namespaces: []string{"pay"}}, Action: policy.ActionPause, Bake: config.Duration(time.Minute)},
		{Name: "rest", Action: policy.ActionNotify},
	}
	s, err := settings(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	if !s.Policies[0].Match("pay", nil) || s.Policies[0].Match("shop", nil) || !s.Policies[1].Match("shop", nil) {
		t.Error("the policies match something else than they say")
	}
	if s.Policies[0].Bake != time.Minute || s.Policies[0].Action != policy.ActionPause || s.Cluster != cfg.Cluster {
		t.Errorf("compiled to %+v", s)
	}
	cfg.Policies[0].Match.Selector = "a=b=c"
	if _, err := settings(&cfg); err == nil || !strings.Contains(err.Error(), "pay") {
		t.Errorf("a bad selector gives %v, want an error that names the policy", err)
	}
}

// recorder is an executor that notes what it is told.
type recorder struct {
	mu    sync.Mutex
	order map[string][]string
	busy  map[string]bool
	gate  chan struct{}
	err   error
}

func (r *recorder) Do(ctx context.Context, d policy.Decision) policy.Outcome {
	r.mu.Lock()
	if r.busy[d.Workload.UID] {
		r.err = errors.Join(r.err, fmt.Errorf("%s is acted upon twice at a time", d.Workload.UID))
	}
	r.busy[d.Workload.UID] = true
	r.mu.Unlock()
	select {
	case <-r.gate:
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy[d.Workload.UID] = false
	r.order[d.Workload.UID] = append(r.order[d.Workload.UID], d.ID)
	return policy.Outcome{DecisionID: d.ID, Workload: d.Workload, Result: policy.Done}
}

func (r *recorder) Compare(ctx context.Context, d policy.Decision) policy.Comparison {
	o := r.Do(ctx, d)
	return policy.Comparison{Workload: o.Workload}
}

// TestActionsKeepOrder checks that what is decided about one workload is done
// in order and one at a time, and that close lets all of it end.
func TestActionsKeepOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{order: map[string][]string{}, busy: map[string]bool{}, gate: make(chan struct{})}
		a := newActions(t.Context(), r)
		const workloads, each = 40, 5
		for i := range each {
			for w := range workloads {
				kind := policy.Remember
				if i == 1 {
					kind = policy.Compare
				}
				a.do(policy.Decision{ID: fmt.Sprint(i), Kind: kind, Workload: policy.Workload{UID: fmt.Sprint(w)}})
			}
		}
		synctest.Wait()
		if got := len(a.queueBusy(r)); got != workers {
			t.Errorf("%d workloads are acted upon at the same time, want %d", got, workers)
		}
		a.close()
		close(r.gate)
		n := 0
		for range a.results {
			n++
		}
		if n != workloads*each {
			t.Errorf("got %d results, want %d", n, workloads*each)
		}
		for w, order := range r.order {
			if got := strings.Join(order, ""); got != "01234" {
				t.Errorf("workload %s was acted upon in order %s", w, got)
			}
		}
		if r.err != nil {
			t.Error(r.err)
		}
		if a.depth() != 0 {
			t.Errorf("%d decisions are left", a.depth())
		}
	})
}

// queueBusy lists the workloads that are being acted upon.
func (a *actions) queueBusy(r *recorder) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for uid, busy := range r.busy {
		if busy {
			out = append(out, uid)
		}
	}
	return out
}
