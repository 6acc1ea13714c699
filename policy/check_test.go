package policy_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
)

// releasing is a workload whose second revision has a ready pod beside the
// pods of the first.
func releasing(version uint64, at time.Time) *policy.Observation {
	o := broken(version, at)
	r := &o.Revisions[1]
	r.Failures, r.Ready, r.ReadySince, r.AllReadySince = nil, 1, at, at
	o.AvailableReplicas = 3
	return o
}

func withChecks(checks ...policy.Check) policy.Settings {
	s := settings()
	s.Checks = checks
	return s
}

func plays(r policy.Ready) []policy.Decision {
	return slices.DeleteFunc(slices.Clone(r.Decisions), func(d policy.Decision) bool { return d.Kind != policy.Play })
}

// asks plays a release and returns what is asked for first.
func asks(e *policy.Engine, change func(o *policy.Observation)) []policy.Decision {
	e.Step(healthy(1, noon))
	o := releasing(2, noon.Add(time.Minute))
	if change != nil {
		change(o)
	}
	return plays(e.Step(o))
}

// TestPlaysNowhere shows where no check is played.
func TestPlaysNowhere(t *testing.T) {
	everywhere := policy.Check{Name: "greeting"}
	for name, test := range map[string]struct {
		settings policy.Settings
		change   func(o *policy.Observation)
		want     int
	}{
		"where a check is": {settings: withChecks(everywhere), want: 1},
		"no checks":        {settings: settings()},
		"another namespace": {settings: withChecks(policy.Check{Name: "a", Match: func(ns string, _ policy.Labels) bool {
			return ns != "shop"
		}})},
		"no policy": {settings: func() policy.Settings {
			s := withChecks(everywhere)
			s.Policies[0].Match = func(string, policy.Labels) bool { return false }
			return s
		}()},
		"mode off":       {settings: withChecks(everywhere), change: func(o *policy.Observation) { o.Mode = "off" }},
		"being deleted":  {settings: withChecks(everywhere), change: func(o *policy.Observation) { o.Deleting = true }},
		"scaled to zero": {settings: withChecks(everywhere), change: func(o *policy.Observation) { o.Replicas = 0 }},
		"no pod is ready": {settings: withChecks(everywhere), change: func(o *policy.Observation) {
			o.Revisions[1].Ready = 0
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := asks(policy.New(test.settings), test.change); len(got) != test.want {
				t.Errorf("asked for %d plays, want %d", len(got), test.want)
			}
		})
	}
}

// TestPlaysOneAtATime checks that a check has one play open, whatever else is
// observed meanwhile, and that a repeated or foreign result counts once.
func TestPlaysOneAtATime(t *testing.T) {
	e := policy.New(withChecks(policy.Check{Name: "greeting"}))
	first := asks(e, nil)
	if len(first) != 1 || first[0].From.UID != "rs-2" || first[0].To.UID != "rs-1" {
		t.Fatalf("asked for %+v, want one play of rs-2 beside rs-1", first)
	}
	at := noon.Add(time.Minute)
	for i := range 5 {
		if more := plays(e.Step(releasing(uint64(3+i), at.Add(time.Second)))); len(more) > 0 {
			t.Fatalf("asked again before the answer: %+v", more)
		}
	}
	res := policy.CheckResult{
		At: at.Add(2 * time.Second), Workload: first[0].Workload, DecisionID: first[0].ID, Check: "greeting", Revision: "rs-2", New: 1, Old: 2,
	}
	for _, foreign := range []func(r *policy.CheckResult){
		func(r *policy.CheckResult) { r.DecisionID = "another" },
		func(r *policy.CheckResult) { r.Check = "another" },
		func(r *policy.CheckResult) { r.Revision = "rs-1" },
		func(r *policy.CheckResult) { r.Workload.UID = "another" },
	} {
		wrong := res
		foreign(&wrong)
		e.Step(wrong)
	}
	e.Step(res)
	e.Step(res)
	x := e.Explain(releasing(9, res.At), res.At)
	if len(x.Checks) != 1 || x.Checks[0].New != 1 || x.Checks[0].Old != 2 {
		t.Errorf("counted %+v, want one play", x.Checks)
	}
	if x.Checks[0].Next.IsZero() || x.Checks[0].Next.After(res.At.Add(1250*time.Millisecond)) {
		t.Errorf("the next play is due at %s, want within a second and a quarter", x.Checks[0].Next)
	}
}

// TestPlaysAreSpread checks that many workloads that begin together do not go
// on together, and that each goes on as it did when asked once more.
func TestPlaysAreSpread(t *testing.T) {
	due := func(uid string) time.Time {
		e := policy.New(withChecks(policy.Check{Name: "greeting"}))
		at := noon.Add(time.Minute)
		for _, o := range []*policy.Observation{healthy(1, noon), releasing(2, at)} {
			o.Workload.UID = uid
			for _, d := range plays(e.Step(o)) {
				return e.Step(policy.CheckResult{
					At: at, Workload: d.Workload, DecisionID: d.ID, Check: d.Check, Revision: d.From.UID, New: 1, Old: 2,
				}).WakeAt
			}
		}
		return time.Time{}
	}
	at := map[time.Time]int{}
	for i := range 1000 {
		uid := fmt.Sprint("web-", i)
		one := due(uid)
		if again := due(uid); !again.Equal(one) {
			t.Fatalf("%s is due at %s, and at %s", uid, one, again)
		}
		at[one]++
	}
	for when, n := range at {
		if n > 50 {
			t.Errorf("%d of 1000 workloads are due at %s", n, when)
		}
	}
}

// TestPlaysStop checks that nothing is asked for once the revision is proven.
func TestPlaysStop(t *testing.T) {
	e := policy.New(withChecks(policy.Check{Name: "greeting"}))
	asks(e, nil)
	at := noon.Add(time.Hour)
	o := releasing(3, at)
	o.Revisions[0].Pods, o.Revisions[0].Ready, o.Revisions[1].Pods, o.Revisions[1].Ready = 0, 0, 2, 2
	o.UpdatedReplicas, o.TotalReplicas, o.AvailableReplicas = 2, 2, 2
	r := step(e, o)
	for range 100 {
		for _, d := range r.Decisions {
			if d.Kind == policy.Remember && d.Record.Reason == "BakeComplete" {
				r = e.Step(policy.Outcome{At: at, Workload: d.Workload, DecisionID: d.ID, Kind: d.Kind, Result: policy.Done})
				if e.Phase(o.Workload) != policy.Healthy || !r.WakeAt.IsZero() || len(r.Decisions) > 0 {
					t.Errorf("in phase %s, to be woken at %s, with %d decisions; want nothing more", e.Phase(o.Workload), r.WakeAt, len(r.Decisions))
				}
				return
			}
		}
		at = r.WakeAt
		r = e.Step(policy.Wake{At: at})
	}
	t.Error("the revision was not proven")
}

// TestCheckEvidenceIsBounded throws more at a check than it may keep.
func TestCheckEvidenceIsBounded(t *testing.T) {
	e := policy.New(withChecks(policy.Check{Name: "greeting"}))
	asked := asks(e, nil)
	at := noon.Add(time.Minute)
	long := string(make([]byte, 10_000))
	for i := range 2000 {
		if len(asked) == 0 {
			at = at.Add(20 * time.Second)
			asked = plays(e.Step(policy.Wake{At: at}))
			continue
		}
		r := policy.CheckResult{
			At: at, Workload: asked[0].Workload, DecisionID: asked[0].ID, Check: "greeting", Revision: "rs-2",
			New: 3, NewFailed: 7, Old: -4, OldFailed: 9, Message: long, Excerpt: long, Step: long,
		}
		for k := range 100 {
			r.Pods = append(r.Pods, policy.CheckedPod{Name: fmt.Sprint(i, k), Failed: true})
			r.Differences = append(r.Differences, policy.Difference{Kind: fmt.Sprint(i, k), Old: long})
		}
		asked = plays(e.Step(r))
	}
	x := e.Explain(releasing(9, at), at).Checks[0]
	if x.NewFailed != x.New || x.Old != 0 || x.New == 0 {
		t.Errorf("counted %d of %d, old %d of %d", x.NewFailed, x.New, x.OldFailed, x.Old)
	}
	if len(x.Message) > policy.MaxMessage || len(x.Excerpt) > policy.MaxExcerpt || len(x.Pods) > policy.MaxSamples ||
		len(x.Differences) > policy.MaxDifferences || len(x.Differences[0].Old) > policy.MaxExcerpt {
		t.Errorf("message of %d, excerpt of %d, %d pods, %d differences", len(x.Message), len(x.Excerpt), len(x.Pods), len(x.Differences))
	}
}
