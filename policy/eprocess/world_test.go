package eprocess_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"time"
)

// epoch is when each simulated rollout starts.
var epoch = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// climate is how pods of a workload fail, whatever their revision. Rates are
// per hour.
type climate struct {
	name   string
	crash  float64 // each pod by itself
	node   float64 // each node, with all its pods
	shared float64 // the workload's world: a database, a DNS outage
	hit    float64 // the share of pods that a shared accident takes
	again  float64 // the probability that a crashed pod soon crashes again
	cursed float64 // the probability that a pod can do nothing but crash
	warmUp float64 // how many times more often a pod crashes in its first minute
	skewed bool    // new pods come on nodes of their own
}

// rollout is a healthy rolling update: pod after pod, then a while halfway.
type rollout struct {
	pods    []pod
	crashes []crash // in order of time
	nodes   int
	length  float64 // seconds
}

type pod struct {
	onNew    bool
	slot     int // the number among the new pods
	name     string
	node     int
	nodeName string
	from, to float64 // seconds
}

func (p pod) runs(at float64) bool { return p.from < at && at < p.to }

type crash struct {
	at  float64
	pod int
}

const (
	oldAge  = 86400.0 // the old pods have run for a day
	rolling = 1200.0  // the rollout takes 20 minutes
	paused  = 1800.0  // and stops for half an hour in the middle
	end     = rolling + paused + 600
)

// newRollout draws a rollout in which the new revision is exactly as good as
// the old one.
func newRollout(rng *rand.Rand, replicas int, c climate) rollout {
	nodes := max(2, replicas/4)
	r := rollout{nodes: nodes, length: end}
	for i := range replicas {
		from := rolling * float64(i) / float64(replicas)
		if i >= replicas/2 {
			from += paused
		}
		where := rng.IntN(nodes)
		if c.skewed {
			where = nodes + i%nodes
		}
		r.add(pod{slot: i, onNew: true, node: where, from: from, to: end})
		r.add(pod{node: i % nodes, from: -oldAge, to: from + 30})
	}
	if c.skewed {
		r.nodes = 2 * nodes
	}
	r.crashAlone(rng, c)
	r.crashNodes(rng, c)
	r.crashShared(rng, c)
	r.crashAgain(rng, c)
	sort.Slice(r.crashes, func(i, j int) bool { return r.crashes[i].at < r.crashes[j].at })
	return r
}

func (r *rollout) add(p pod) {
	p.name, p.nodeName = podNames[len(r.pods)], podNames[p.node]
	r.pods = append(r.pods, p)
}

// podNames spares the simulation from formatting.
var podNames = func() (names [1024]string) {
	for i := range names {
		names[i] = fmt.Sprintf("shop-%04d", i)
	}
	return names
}()

func (r *rollout) crash(pod int, at float64) {
	if p := r.pods[pod]; at > max(p.from, 0) && at < min(p.to, r.length) {
		r.crashes = append(r.crashes, crash{at: at, pod: pod})
	}
}

func (r *rollout) crashAlone(rng *rand.Rand, c climate) {
	most := max(c.warmUp, 1)
	r.each(rng, c.crash*most*float64(len(r.pods)), func(at float64) {
		i := rng.IntN(len(r.pods))
		if at-r.pods[i].from < 60 || rng.Float64() < 1/most {
			r.crash(i, at)
		}
	})
}

func (r *rollout) crashNodes(rng *rand.Rand, c climate) {
	r.each(rng, c.node*float64(r.nodes), func(at float64) {
		down := rng.IntN(r.nodes)
		for i, p := range r.pods {
			if p.node == down {
				r.crash(i, at+2*rng.Float64())
			}
		}
	})
}

func (r *rollout) crashShared(rng *rand.Rand, c climate) {
	r.each(rng, c.shared, func(at float64) {
		for i := range r.pods {
			if rng.Float64() < c.hit {
				r.crash(i, at+5*rng.Float64())
			}
		}
	})
}

// crashAgain adds what follows from a crash, and pods that only crash, with
// the kubelet's back-off.
func (r *rollout) crashAgain(rng *rand.Rand, c climate) {
	for _, first := range append([]crash(nil), r.crashes...) {
		for at := first.at + 20; c.again > 0 && rng.Float64() < c.again; at += 20 {
			r.crash(first.pod, at)
		}
	}
	for i, p := range r.pods {
		if c.cursed == 0 || rng.Float64() >= c.cursed {
			continue
		}
		// An old pod was cursed from its own start; by now it is at the cap.
		wait, at := 10.0, p.from+2
		if !p.onNew {
			wait, at = 300, 300*rng.Float64()
		}
		for ; at < min(p.to, r.length); at += wait {
			r.crash(i, at)
			wait = min(2*wait, 300)
		}
	}
}

// each calls f at the times of a Poisson process over the rollout.
func (r *rollout) each(rng *rand.Rand, perHour float64, f func(at float64)) {
	if perHour <= 0 {
		return
	}
	for at := rng.ExpFloat64() * 3600 / perHour; at < r.length; at += rng.ExpFloat64() * 3600 / perHour {
		f(at)
	}
}

func seconds(s float64) time.Duration { return time.Duration(math.Round(s * float64(time.Second))) }
