package main

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/undog-dev/undog/test/bench/fleet"
)

// tier is the size of a cluster and what happens in it.
type tier struct {
	name  string
	shape fleet.Shape
	// real says that the API server is Kubernetes' own.
	real bool
	// settle is how long undog may take to look at what it has listed: longer than
	// the bake of what was just made.
	settle time.Duration
	// rate is how many pod events there are a second.
	rate int
	// steady is how long they are measured alone.
	steady time.Duration
	// paced bad releases come one every so often, burst come all at once.
	paced int
	every time.Duration
	burst int
	// beside come one every so often while those of the burst are judged.
	beside int
}

var tiers = map[string]tier{
	"L": {
		name: "L", shape: fleet.Shape{Pods: 50_000, OldReplicaSets: 10, Largest: 5_000, Crashing: 1_000}, settle: 10 * time.Second, rate: 1000, steady: 30 * time.Second,
		paced: 100, every: 200 * time.Millisecond, burst: 500, beside: 20,
	},
	"XL": {
		name: "XL", shape: fleet.Shape{Pods: 150_000, OldReplicaSets: 10, Largest: 5_000, Crashing: 3_000}, settle: 10 * time.Second, rate: 1000, steady: 30 * time.Second,
		paced: 100, every: 200 * time.Millisecond, burst: 500, beside: 20,
	},
	"S": {
		name: "S", real: true, shape: fleet.Shape{Pods: 1_000, OldReplicaSets: 10}, settle: 6 * time.Second, rate: 10, steady: 10 * time.Second,
		paced: 20, every: 200 * time.Millisecond, burst: 20,
	},
	"M": {
		name: "M", real: true, shape: fleet.Shape{Pods: 10_000, OldReplicaSets: 10}, settle: 10 * time.Second, rate: 10, steady: 30 * time.Second,
		paced: 100, every: 200 * time.Millisecond, burst: 100,
	},
}

func tierNames() string { return strings.Join(slices.Sorted(maps.Keys(tiers)), ", ") }

// of is the tier with another number of pods, and less in it if those are few.
func (t tier) of(pods int) tier {
	s := &t.shape
	s.Largest, s.Crashing, t.burst = min(s.Largest, pods/5), pods*s.Crashing/s.Pods, min(t.burst, pods/50)
	s.Pods = pods
	return t
}
