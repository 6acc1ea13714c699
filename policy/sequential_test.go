package policy

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var rollouts = flag.Int("rollouts", 8, "healthy rollouts per cell of the tests of false alarms")

var dawn = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// shop is a Deployment whose pods, old and new, fail at the same rate.
type shop struct {
	replicas, nodes int
	perPod, perNode float64 // failures per hour
	worse           float64 // how many times more often new pods fail
}

// shopPod is a pod of it: when it became ready, when it was taken away, and
// when it first failed, in hours.
type shopPod struct {
	node                int
	onNew               bool
	ready, gone, failed float64
}

// pods draws a rolling update that takes half an hour and bakes for another.
func (s shop) pods(rng *rand.Rand) []*shopPod {
	const day, rolling, end = -24.0, 0.5, 1.0
	var all []*shopPod
	for i := range s.replicas {
		turn := rolling * float64(i) / float64(s.replicas)
		all = append(all,
			&shopPod{node: rng.IntN(s.nodes), ready: day, gone: turn, failed: math.Inf(1)},
			&shopPod{node: rng.IntN(s.nodes), onNew: true, ready: turn, gone: end, failed: math.Inf(1)})
	}
	for _, p := range all {
		rate := s.perPod
		if p.onNew {
			rate *= s.worse
		}
		p.failed = p.ready + rng.ExpFloat64()/rate
	}
	for node := range s.nodes {
		for at := day + rng.ExpFloat64()/s.perNode; at < end; at += rng.ExpFloat64() / s.perNode {
			for _, p := range all {
				if p.node == node && p.ready < at && at < p.gone {
					p.failed = min(p.failed, at)
				}
			}
		}
	}
	return all
}

// observe is the rollout at a time, as the watcher would say it.
func (s shop) observe(all []*shopPod, at float64) (*Observation, *Revision) {
	o := &Observation{Replicas: int32(s.replicas), Revisions: []Revision{
		{RevisionRef: RevisionRef{UID: "old"}}, {RevisionRef: RevisionRef{UID: "new"}},
	}}
	hosts := make([]Host, s.nodes)
	for i, p := range all {
		r := &o.Revisions[0]
		if p.onNew {
			r = &o.Revisions[1]
		}
		if p.failed <= at && p.failed < p.gone {
			r.Incidents = append(r.Incidents, Incident{
				Pod: fmt.Sprint(i), Node: fmt.Sprint(p.node), At: hour(p.failed), WasReady: true,
				Age: time.Duration((p.failed - p.ready) * float64(time.Hour)),
			})
		}
		if p.ready > at || p.gone <= at {
			continue
		}
		r.Pods, r.Started, r.Ready = r.Pods+1, r.Started+1, r.Ready+1
		r.AllReadySince = latest(r.AllReadySince, hour(p.ready))
		switch {
		case p.failed <= at:
		case p.onNew:
			hosts[p.node].New++
		default:
			hosts[p.node].Old++
		}
	}
	for _, h := range hosts {
		h.Nodes = 1
		o.Hosts = append(o.Hosts, h)
	}
	for i := range o.Revisions {
		in := o.Revisions[i].Incidents
		slices.SortFunc(in, func(a, b Incident) int { return a.At.Compare(b.At) })
		o.Revisions[i].Incidents = in[max(0, len(in)-MaxIncidents):]
	}
	return o, &o.Revisions[1]
}

func hour(h float64) time.Time { return dawn.Add(time.Duration(h * float64(time.Hour))) }

// highest plays a rollout and returns the highest odds that it reached, looked
// at after every failure.
func (s shop) highest(rng *rand.Rand) float64 {
	all := s.pods(rng)
	o, rev := s.observe(all, 0)
	q := begun(o, rev, hour(0))
	var times []float64
	for _, p := range all {
		if p.failed > 0 && p.failed < p.gone {
			times = append(times, p.failed)
		}
	}
	slices.Sort(times)
	top := 1.0
	for _, at := range slices.Compact(times) {
		o, rev = s.observe(all, at)
		q.gather(o, rev)
		top = max(top, q.odds())
	}
	return top
}

// TestSequentialFalseAlarms plays healthy rollouts whole, as the engine sees
// them, and counts how many are convicted: the upper confidence bound must stay
// under the budget where enough are played, and the number itself in any case.
func TestSequentialFalseAlarms(t *testing.T) {
	for _, replicas := range []int{3, 12, 50, 200} {
		for _, perPod := range []float64{0.01, 0.1, 1, 5} {
			for _, perNode := range []float64{1e-9, 0.1, 2} {
				s := shop{replicas: replicas, nodes: max(replicas/4, 2), perPod: perPod, perNode: perNode, worse: 1}
				rng := rand.New(rand.NewPCG(uint64(replicas), math.Float64bits(perPod+perNode)))
				convicted := 0
				for range *rollouts {
					if s.highest(rng) >= 1/DefaultBudget {
						convicted++
					}
				}
				// One in a thousand rollouts, and three standard deviations more.
				expected := DefaultBudget * float64(*rollouts)
				if limit := expected + 3*math.Sqrt(expected) + 0.5; float64(convicted) > limit {
					t.Errorf("%+v: convicted %d of %d healthy rollouts, at most %.0f", s, convicted, *rollouts, limit)
				}
				t.Logf("%+v: convicted %d of %d", s, convicted, *rollouts)
			}
		}
	}
}

// TestSequentialConvicts plays rollouts of a revision whose pods fail often,
// some while after they became ready.
func TestSequentialConvicts(t *testing.T) {
	for _, replicas := range []int{30, 50, 200} {
		s := shop{replicas: replicas, nodes: replicas / 4, perPod: 0.01, perNode: 1e-9, worse: 200}
		rng := rand.New(rand.NewPCG(uint64(replicas), 1))
		convicted := 0
		for range 40 {
			if s.highest(rng) >= 1/DefaultBudget {
				convicted++
			}
		}
		if convicted < 36 {
			t.Errorf("%+v: convicted %d of 40 bad rollouts", s, convicted)
		}
	}
}
