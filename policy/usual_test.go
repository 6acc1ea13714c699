package policy

import (
	"fmt"
	"testing"
	"time"
)

// runs is a workload of a namespace whose processes fail since a time.
func runs(n int, namespace string, since time.Time) (key, trouble) {
	return key{"Deployment", fmt.Sprint(n)}, trouble{since: since, namespace: namespace, classes: classRun}
}

// TestUsual counts what is usual over hours: some who are always in trouble for
// a while, an outage, and a silence of the engine.
func TestUsual(t *testing.T) {
	f := newFleet(DefaultBrake)
	now := dawn
	f.pass(now)
	play := func(minutes, troubled int) {
		for range minutes {
			clear(f.troubled)
			for i := range troubled {
				k, one := runs(i, []string{"shop", "blog"}[i%2], now)
				f.note(&one)
				f.troubled[k] = one
			}
			now = now.Add(time.Minute)
			f.pass(now)
		}
	}
	want := func(what string, s scope, at, more float64, known bool) {
		t.Helper()
		gotAt, gotMore, gotKnown := f.usual.level(s, classRun, now)
		if gotAt != at || gotMore != more || gotKnown != known {
			t.Errorf("%s: %v at a time, %v more in a spell, known %v; want %v, %v, %v", what, gotAt, gotMore, gotKnown, at, more, known)
		}
	}
	play(25, 4)
	want("too little is known", scope{}, 0, 0, false)
	play(35, 4)
	want("everywhere", scope{}, 4, 40, true)
	want("in one of two namespaces", scope{inNamespace, "shop"}, 2, 20, true)
	want("in another one", scope{inNamespace, "mail"}, 0, 0, true)
	want("without registry", scope{onRegistry, "docker.io"}, 0, 0, true)
	play(20, 100)
	want("an outage", scope{}, 4, 40, true)
	play(120, 0)
	want("calm for two hours", scope{}, 0, 0, true)
	if len(f.usual.scopes) != 0 {
		t.Errorf("keeps %d scopes in which nothing has been in trouble", len(f.usual.scopes))
	}
	now = now.Add(24 * time.Hour)
	f.pass(now)
	want("after a day of nothing", scope{}, 0, 0, false)
}

// TestUsualKnowsSilence lets no input come for an hour while some are in
// trouble: the time counts, and their trouble only as long as it is new.
func TestUsualKnowsSilence(t *testing.T) {
	f := newFleet(DefaultBrake)
	f.pass(dawn)
	k, one := runs(1, "shop", dawn)
	f.troubled[k] = one
	now := dawn.Add(time.Hour)
	f.pass(now)
	if at, _, known := f.usual.level(scope{}, classRun, now); at != 0 || !known {
		t.Errorf("%v are usual, known %v, though one began in an hour", at, known)
	}
	if at, _, _ := f.usual.level(scope{}, classRun, dawn.Add(20*time.Minute)); at != 0 {
		t.Errorf("%v are usual by what had been seen in twenty minutes, want nothing known", at)
	}
}

// TestSurprising is how many must fail to be more than usual.
func TestSurprising(t *testing.T) {
	for _, c := range []struct {
		usual        float64
		least, needs int
	}{{0, 3, 3}, {0, 2, 2}, {0, 1, 1}, {0.04, 2, 2}, {0.1, 3, 3}, {1, 3, 5}, {4, 3, 11}, {16, 3, 29}, {100, 3, 131}} {
		if surprising(c.needs-1, c.least, c.usual) || !surprising(c.needs, c.least, c.usual) {
			t.Errorf("%d of at least %d do not surprise, or fewer do, where %v are usual", c.needs, c.least, c.usual)
		}
	}
}

// TestStartsCostNothing notes pods that start and are ready in a large fleet
// without allocating.
func TestStartsCostNothing(t *testing.T) {
	f := newFleet(DefaultBrake)
	well := &Observation{At: dawn, Workload: Workload{Kind: "Deployment", Namespace: "shop", UID: "a"}, Replicas: 2, AvailableReplicas: 2}
	starts := *well
	starts.AvailableReplicas = 1
	rev := &Revision{SlowestReady: 10 * time.Second, Waiting: []time.Time{dawn}}
	k := keyOf(well.Workload)
	f.pass(dawn)
	if n := testing.AllocsPerRun(100, func() {
		f.pass(dawn)
		f.settled(k, &starts, rev)
		f.settled(k, well, rev)
	}); n != 0 {
		t.Errorf("a pod that starts costs %v allocations, want 0", n)
	}
	if len(f.troubled) != 0 || len(f.past) != 0 || f.usual.scopes[scope{}] != nil {
		t.Error("a pod that has only started is remembered as trouble")
	}
}

// BenchmarkOthers asks for others that fail where all of 16,000 do.
func BenchmarkOthers(b *testing.B) {
	e := New(Settings{Cluster: "test"})
	for i := range 16000 {
		k, one := runs(i, fmt.Sprintf("team-%d", i%320), dawn)
		e.fleet.troubled[k] = one
		e.fleet.namespaces[one.namespace]++
		e.workloads[k] = &workload{}
	}
	o := &Observation{Workload: Workload{Namespace: "team-1"}}
	c := &Case{At: dawn, Observation: o, Revision: &Revision{}, engine: e}
	f := Finding{Failures: []Failure{{Reason: "Error", Exited: true, First: dawn}}}
	b.ReportAllocs()
	for b.Loop() {
		othersFailTooVeto(c, f)
	}
}
