package watcher

import (
	"math/rand/v2"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/policy"
)

// TestOrderBetweenObjectsDoesNotMatter plays the same histories in random
// orders, owners anywhere between their pods, and wants the same Observation.
func TestOrderBetweenObjectsDoesNotMatter(t *testing.T) {
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 1))
		var histories [][]func(*State)
		one := func(f func(*State)) { histories = append(histories, []func(*State){f}) }
		one(func(s *State) { s.ApplyDeployment(epoch, deployment("web")) })
		for i, rs := range []string{"rs-a", "rs-b", "rs-c"} {
			one(func(s *State) { s.ApplyReplicaSet(epoch, replicaSet("web", rs, i+1)) })
			for n := range 1 + r.IntN(5) {
				var steps []func(*State)
				for _, e := range randomHistory(r, rs, n, false) {
					steps = append(steps, e.apply)
				}
				histories = append(histories, steps)
			}
		}
		for n := range 4 {
			var steps []func(*State)
			for _, e := range randomNode(r, n) {
				if e.gone == "" {
					steps = append(steps, e.apply)
				}
			}
			histories = append(histories, steps)
		}
		named := deployment("web")
		named.Spec.Template.Spec.Volumes = []corev1.Volume{volumeOf("a"), volumeOf("b")}
		named.ResourceVersion = "2"
		histories[0] = append(histories[0], func(s *State) { s.ApplyDeployment(epoch, named) })
		for _, name := range []string{"a", "c"} {
			one(func(s *State) { s.ApplyConfigMap(epoch, configMap(name, "kubectl", second(1))) })
		}
		end := second(5000)
		var want *policy.Observation
		for turn := range 6 {
			s := NewState(Options{})
			for i, step := range interleave(r, histories) {
				step(s)
				if turn%2 == 1 && i%7 == 0 {
					// Looking in between must not change anything either.
					s.Take(epoch, 1)
				}
			}
			got, ok := s.Observe(end, "dep-web")
			if !ok {
				t.Fatalf("seed %d: no observation", seed)
			}
			got.Version = 0
			if want == nil {
				want = got
			} else if diff := difference(t, want, got); diff != "" {
				t.Fatalf("seed %d, turn %d: another order says something else:\n%s", seed, turn, diff)
			}
		}
	}
}

// TestARestartNeverGainsExits rebuilds each State from last statuses alone, as
// after a restart, and wants no more of any pod's exits than were watched.
func TestARestartNeverGainsExits(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		watched, rebuilt := NewState(Options{}), NewState(Options{})
		h := randomHistory(r, "rs-a", 0, false)
		for _, s := range []*State{watched, rebuilt} {
			s.ApplyDeployment(epoch, deployment("web"))
			s.ApplyReplicaSet(epoch, replicaSet("web", "rs-a", 1))
		}
		for _, e := range h {
			e.apply(watched)
		}
		last := h[len(h)-1]
		last.apply(rebuilt)
		a, _ := watched.Observe(last.at, "dep-web")
		b, _ := rebuilt.Observe(last.at, "dep-web")
		before, after := totals(a.Revisions[0]), totals(b.Revisions[0])
		if after.exits > before.exits || after.showing > before.showing || after.last.After(before.last) {
			t.Fatalf("seed %d: watched %+v, rebuilt %+v", seed, before, after)
		}
		wa, wb := a.Revisions[0].Waiting, b.Revisions[0].Waiting
		if len(wb) > 0 && (len(wa) == 0 || wb[0].Before(wa[0].Add(-time.Second))) {
			t.Fatalf("seed %d: watched waits since %v, rebuilt since %v", seed, wa, wb)
		}
	}
}

type total struct {
	exits, showing int32
	last           time.Time
}

func totals(r policy.Revision) (sum total) {
	for _, f := range r.Failures {
		if f.Exited {
			sum.exits += f.Count
			sum.showing = max(sum.showing, f.Pods)
			if f.Last.After(sum.last) {
				sum.last = f.Last
			}
		}
	}
	return sum
}
