package eprocess_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy/eprocess"
)

// judge returns the largest logarithm the e-value reached in a rollout, looked
// at after every event.
type judge func(rng *rand.Rand, r rollout, c climate) float64

// beside compares pods that run side by side, as the test is meant to be used.
func beside(_ *rand.Rand, r rollout, _ climate) float64 {
	return sideBySide(r, eprocess.Limiter{}, eprocess.Weigh)
}

// twicePerWindow lets a pod count again and again, though never often.
func twicePerWindow(_ *rand.Rand, r rollout, _ climate) float64 {
	return sideBySide(r, eprocess.Limiter{PerPod: 2, PodWindow: 5 * time.Minute}, eprocess.Weigh)
}

// podsOnly forgets that nodes fail too.
func podsOnly(_ *rand.Rand, r rollout, _ climate) float64 {
	return sideBySide(r, eprocess.Limiter{}, countPods)
}

func countPods(nodes []eprocess.Node) (exposureNew, exposureOld float64) {
	for _, n := range nodes {
		exposureNew += float64(n.New)
		exposureOld += float64(n.Old)
	}
	return exposureNew, exposureOld
}

func sideBySide(r rollout, limiter eprocess.Limiter, weigh func([]eprocess.Node) (float64, float64)) float64 {
	var e eprocess.Events
	nodes := make([]eprocess.Node, r.nodes)
	top := 0.0
	for _, c := range r.crashes {
		at, p := epoch.Add(seconds(c.at)), r.pods[c.pod]
		if !limiter.Open(p.name, p.nodeName, at) {
			continue
		}
		clear(nodes)
		for _, q := range r.pods {
			if !q.runs(c.at) || !limiter.Open(q.name, q.nodeName, at) {
				continue
			}
			if q.onNew {
				nodes[q.node].New++
			} else {
				nodes[q.node].Old++
			}
		}
		limiter.Count(p.name, p.nodeName, at)
		exposureNew, exposureOld := weigh(nodes)
		e.Observe(p.onNew, exposureNew, exposureOld)
		top = max(top, e.Log())
	}
	return top
}

// unlimited takes every crash for an event of its own.
func unlimited(_ *rand.Rand, r rollout, _ climate) float64 {
	var e eprocess.Events
	top := 0.0
	for _, c := range r.crashes {
		nodes := make([]eprocess.Node, 1)
		for _, q := range r.pods {
			switch {
			case !q.runs(c.at):
			case q.onNew:
				nodes[0].New++
			default:
				nodes[0].Old++
			}
		}
		exposureNew, exposureOld := countPods(nodes)
		e.Observe(r.pods[c.pod].onNew, exposureNew, exposureOld)
		top = max(top, e.Log())
	}
	return top
}

// cumulative takes the share of all pod-seconds so far, with the old
// revision's last day among them.
func cumulative(_ *rand.Rand, r rollout, _ climate) float64 {
	var e eprocess.Events
	var limiter eprocess.Limiter
	top := 0.0
	for _, c := range r.crashes {
		p := r.pods[c.pod]
		if !limiter.Allow(p.name, p.nodeName, epoch.Add(seconds(c.at))) {
			continue
		}
		exposureNew, exposureOld := 0.0, 0.0
		for _, q := range r.pods {
			if seconds := max(0, min(c.at, q.to)-q.from); q.onNew {
				exposureNew += seconds
			} else {
				exposureOld += seconds
			}
		}
		e.Observe(p.onNew, exposureNew, exposureOld)
		top = max(top, e.Log())
	}
	return top
}

const (
	horizon     = 900.0 // seconds of a pod's life that history covers
	livesPerPod = 20
)

// matched compares new pods with old pods' lives at the same age.
func matched(rng *rand.Rand, r rollout, c climate) float64 {
	slots := len(r.pods) / 2
	h := newHistory(rng, slots*livesPerPod, c)
	type moment struct {
		at      float64
		slot    int
		crashed bool // the new pod; otherwise a life beside it
	}
	var moments []moment
	pods := make([]pod, slots)
	for _, p := range r.pods {
		if p.onNew {
			pods[p.slot] = p
		}
	}
	for _, f := range h.Failures {
		slot := f.Life / livesPerPod
		moments = append(moments, moment{at: pods[slot].from + f.Age.Seconds(), slot: slot})
	}
	for _, x := range r.crashes {
		if p := r.pods[x.pod]; p.onNew && x.at-p.from <= horizon {
			moments = append(moments, moment{at: x.at, slot: p.slot, crashed: true})
		}
	}
	slices.SortFunc(moments, func(a, b moment) int { return cmp.Compare(a.at, b.at) })

	var e eprocess.Events
	var limiter eprocess.Limiter
	top, looked := 0.0, make([]time.Duration, slots)
	for _, m := range moments {
		p, at, crashed := pods[m.slot], epoch.Add(seconds(m.at)), m.crashed
		age, exposureNew := seconds(m.at-p.from), 0.0
		if p.runs(m.at) && limiter.Open(p.name, p.nodeName, at) {
			exposureNew = 1
		}
		exposureOld := float64(h.AtRisk(slots, m.slot, age, limiter))
		for range h.Due(slots, m.slot, looked[m.slot], age, limiter) {
			e.Observe(false, exposureNew, exposureOld)
		}
		if crashed && exposureNew > 0 {
			limiter.Count(p.name, p.nodeName, at)
			e.Observe(true, exposureNew, exposureOld)
		}
		looked[m.slot] = age
		top = max(top, e.Log())
	}
	return top
}

// newHistory draws old lives in the same climate, without shared accidents:
// yesterday the database was well.
func newHistory(rng *rand.Rand, lives int, c climate) eprocess.History {
	h := eprocess.History{Lives: lives, Horizon: seconds(horizon)}
	r := rollout{nodes: lives, length: horizon}
	for i := range lives {
		r.pods = append(r.pods, pod{onNew: true, slot: i, node: i, to: horizon})
	}
	c.shared = 0
	r.crashAlone(rng, c)
	r.crashNodes(rng, c)
	r.crashAgain(rng, c)
	for _, x := range r.crashes {
		h.Add(eprocess.Failure{Life: x.pod, Age: seconds(x.at)})
	}
	return h
}
