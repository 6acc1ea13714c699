package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undog-dev/undog/policy"
)

// fleet is Deployments that are released at once, and what is kept of them.
type fleet struct {
	seen  map[string]*policy.Observation
	since time.Time
	// sick are not judged to be good, lost gives nothing, patience is asked for.
	sick, lost map[string]bool
	patience   time.Duration

	kept map[string]time.Time
	// tried are the tries in order, and at their times.
	tried   []string
	times   []time.Time
	playing int
}

func (f *fleet) AllAtOnce(match func(string, policy.Labels) bool) []string {
	var out []string
	for uid, o := range f.seen {
		if match(o.Workload.Namespace, o.Labels) {
			out = append(out, uid)
		}
	}
	slices.Sort(out)
	return out
}

func (f *fleet) Observe(at time.Time, uid string) (*policy.Observation, bool) {
	o, ok := f.seen[uid]
	if !ok {
		return nil, false
	}
	now := *o
	now.At = at
	return &now, true
}

func (f *fleet) Lacks(w policy.Workload, rev policy.RevisionRef, check string) bool {
	at, kept := f.kept[w.UID+rev.Template+check]
	return !kept || time.Since(at) >= 23*time.Hour
}

func (f *fleet) Keep(_ context.Context, w policy.Workload, rev policy.RevisionRef, check string) (time.Duration, error) {
	if f.playing++; f.playing > 1 {
		return 0, errors.New("two at a time")
	}
	<-time.After(time.Second)
	f.playing--
	f.tried, f.times = append(f.tried, w.UID+" "+check), append(f.times, time.Now())
	if f.lost[w.UID] {
		return f.patience, errors.New("it does not pass")
	}
	f.kept[w.UID+rev.Template+check] = time.Now()
	return 0, nil
}

func newFleet() *fleet {
	return &fleet{
		seen: map[string]*policy.Observation{}, since: time.Now().Add(-time.Hour),
		sick: map[string]bool{}, lost: map[string]bool{}, kept: map[string]time.Time{},
	}
}

// add has a workload stand with two ready pods of one revision.
func (f *fleet) add(uid, namespace string) *policy.Observation {
	f.seen[uid] = &policy.Observation{
		Workload: policy.Workload{Kind: "Deployment", Namespace: namespace, Name: uid, UID: uid}, Template: "t1", Replicas: 2,
		Revisions: []policy.Revision{
			{RevisionRef: policy.RevisionRef{UID: uid + "-0", Template: "t0"}},
			{RevisionRef: policy.RevisionRef{UID: uid + "-1", Template: "t1"}, Pods: 2, Ready: 2, AllReadySince: f.since},
		},
	}
	return f.seen[uid]
}

// runs for a while, with the checks front and list in the namespace shop.
func (f *fleet) runs(t *testing.T, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	shop := func(namespace string, _ policy.Labels) bool { return namespace == "shop" }
	k := &keeper{
		checks: func() []policy.Check {
			return []policy.Check{{Name: "front", Match: shop}, {Name: "list", Match: shop}}
		}, seen: f, plays: f,
		healthy: func(_ context.Context, o *policy.Observation, rev policy.RevisionRef) bool {
			return !f.sick[o.Workload.UID] && rev.Template == o.Template
		},
		active: func() bool { return true }, told: newMetrics("test").tried, log: slog.New(slog.DiscardHandler),
	}
	k.run(ctx)
}

// Each workload is asked once for each check, one after the other and with a
// wait in between, and once more when what was kept has become old.
func TestKeeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		f.add("a", "shop")
		f.add("b", "shop")
		f.add("c", "other")
		f.runs(t, 22*time.Hour)
		want := []string{"a front", "a list", "b front", "b list"}
		if !slices.Equal(f.tried, want) {
			t.Fatalf("tried %v, want %v", f.tried, want)
		}
		for i := range f.times[1:] {
			if between := f.times[i+1].Sub(f.times[i]); between < keepPace {
				t.Errorf("tries %s apart", between)
			}
		}
		f.kept = map[string]time.Time{} // As after a restart.
		f.runs(t, 48*time.Hour)
		if n := len(f.tried); n != 4+3*4 {
			t.Errorf("tried %d times, want %d", n, 4+3*4)
		}
	})
}

// What is dropped for want of room is not asked again before its time.
func TestKeeperDoesNotInsist(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		f.add("a", "shop")
		dropping, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			for pause(dropping, time.Minute) {
				f.kept = map[string]time.Time{}
			}
		}()
		f.runs(t, 20*time.Hour)
		stop()
		<-done
		if len(f.tried) != 2 {
			t.Errorf("tried %v", f.tried)
		}
	})
}

// A try that gives nothing is repeated less and less often, and not before the
// application wants it.
func TestKeeperBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		f.add("a", "shop")
		f.lost["a"], f.patience = true, 5*time.Minute
		f.runs(t, 24*time.Hour)
		// For each check: at once, after 5, 5, 5, 8, 16, 32, 64, 128, 256 and 360
		// minutes, and then every six hours.
		if n := len(f.tried); n < 2*12 || n > 2*14 {
			t.Errorf("tried %d times in a day", n)
		}
		for i := range f.times[2:] {
			if between := f.times[i+2].Sub(f.times[i]); between < f.patience {
				t.Errorf("tried again after %s", between)
			}
		}
		// A new template begins afresh.
		before := len(f.tried)
		f.seen["a"].Template, f.seen["a"].Revisions = "t2", []policy.Revision{
			{RevisionRef: policy.RevisionRef{UID: "a-2", Template: "t2"}, Pods: 2, Ready: 2, AllReadySince: f.since},
		}
		f.lost["a"] = false
		f.runs(t, time.Minute)
		if n := len(f.tried) - before; n != 2 {
			t.Errorf("the new template was tried %d times", n)
		}
	})
}

// Only what is settled is asked.
func TestKeeperLeavesAlone(t *testing.T) {
	current := func(o *policy.Observation) *policy.Revision { return &o.Revisions[1] }
	for name, change := range map[string]func(*fleet, *policy.Observation){
		"its mode is off":        func(_ *fleet, o *policy.Observation) { o.Mode = string(policy.Off) },
		"it is deleted":          func(_ *fleet, o *policy.Observation) { o.Deleting = true },
		"it was just changed":    func(_ *fleet, o *policy.Observation) { o.Generation = 1 },
		"it has no ReplicaSet":   func(_ *fleet, o *policy.Observation) { o.Template = "t2" },
		"it is scaled to zero":   func(_ *fleet, o *policy.Observation) { o.Replicas, current(o).Pods, current(o).Ready = 0, 0, 0 },
		"a pod is not ready":     func(_ *fleet, o *policy.Observation) { current(o).Ready = 1 },
		"a pod is missing":       func(_ *fleet, o *policy.Observation) { o.Replicas = 3 },
		"a pod is going":         func(_ *fleet, o *policy.Observation) { current(o).Disrupted = 1 },
		"old pods are left":      func(_ *fleet, o *policy.Observation) { o.Revisions[0].Pods = 1 },
		"old pods are going":     func(_ *fleet, o *policy.Observation) { o.Revisions[0].Disrupted = 1 },
		"it is ready since now":  func(_ *fleet, o *policy.Observation) { current(o).AllReadySince = time.Now().Add(time.Hour) },
		"it is not ready at all": func(_ *fleet, o *policy.Observation) { current(o).AllReadySince = time.Time{} },
		"it is judged":           func(f *fleet, o *policy.Observation) { f.sick[o.Workload.UID] = true },
		"no check is for it":     func(_ *fleet, o *policy.Observation) { o.Workload.Namespace = "other" },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet()
				f.add("b", "shop")
				change(f, f.add("a", "shop"))
				f.runs(t, 10*time.Minute)
				if !slices.Equal(f.tried, []string{"b front", "b list"}) {
					t.Errorf("tried %v", f.tried)
				}
			})
		})
	}
}

// The engine says what is healthy; without an answer nothing is.
func TestHealthy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &known{}
		q := newQuestions(nil, "", k)
		engine := policy.New(policy.Settings{Mode: policy.Observe, Policies: []policy.Policy{{Name: "default", Action: policy.ActionRollback, Bake: time.Minute}}})
		ctx, cancel := context.WithCancel(t.Context())
		o, _ := k.Observe(time.Now(), "u")
		rev := o.Revisions[0].RevisionRef
		if q.healthy(ctx, o, rev) {
			t.Error("healthy though nobody answered")
		}
		for len(q.queue) > 0 {
			<-q.queue
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				select {
				case question := <-q.queue:
					question(engine)
				case <-ctx.Done():
					return
				}
			}
		}()
		if q.healthy(ctx, o, rev) {
			t.Error("healthy before it was judged")
		}
		settled := *o
		settled.UpdatedReplicas, settled.TotalReplicas, settled.AvailableReplicas, settled.ReadyReplicas = 1, 1, 1, 1
		engine.Step(&settled)
		if !q.healthy(ctx, o, rev) {
			t.Error("not healthy though it is on record as good")
		}
		if other := (policy.RevisionRef{UID: fmt.Sprint("not ", rev.UID)}); q.healthy(ctx, o, other) {
			t.Error("another revision is healthy")
		}
		cancel()
		<-done
	})
}
