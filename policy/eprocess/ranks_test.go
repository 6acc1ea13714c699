package eprocess_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/undog-dev/undog/policy/eprocess"
)

// TestRanksFactor sums over the ranks, all equally likely: no bet wins on
// average, with ties or without.
func TestRanksFactor(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	for range 300 {
		var before eprocess.Ranks
		for range rng.IntN(10) {
			before.Observe(rng.IntN(10), rng.IntN(2), rng.IntN(10))
		}
		n := 2 + rng.IntN(30)
		tied := 1 + rng.IntN(n)
		mean, last := 0.0, math.Inf(-1)
		for rank := range n {
			after := before
			weight := 1 / float64(n)
			if rank >= n-tied {
				after.Observe(n-tied, tied-1, 0)
			} else {
				after.Observe(rank, 0, n-1-rank)
			}
			mean += weight * math.Exp(after.Log()-before.Log())
			if after.Log() < last {
				t.Fatalf("rank %d of %d is worth less than the one below", rank+1, n)
			}
			last = after.Log()
		}
		near(t, mean, 1, 1e-9)
	}
}

func TestRanksNoEvidence(t *testing.T) {
	var r eprocess.Ranks
	r.Observe(0, 0, 0)
	r.Observe(0, 12, 0)
	near(t, r.Log(), 0, 1e-12)
	before := r
	r.Observe(-1, 0, 3)
	r.Observe(3, -1, 0)
	r.Observe(3, 0, math.MaxInt)
	if r != before {
		t.Errorf("impossible counts: %+v, want %+v", r, before)
	}
}

// TestRanksFalseAlarms gives each pod a level of its own that never changes,
// and new pods the same levels as old ones.
func TestRanksFalseAlarms(t *testing.T) {
	const runs = 2000
	for _, c := range []struct {
		old, fresh int
		shift      float64
	}{{3, 3, 0}, {10, 10, 0}, {50, 50, 0}, {10, 10, 5}} {
		rng := rand.New(rand.NewPCG(6, 2))
		alarms := 0
		for range runs {
			var r eprocess.Ranks
			var levels []float64
			for range c.old {
				levels = append(levels, rng.NormFloat64())
			}
			top := 0.0
			for range c.fresh {
				mine := rng.NormFloat64() + c.shift
				lower := 0
				for _, l := range levels {
					if l < mine {
						lower++
					}
				}
				r.Observe(lower, 0, len(levels)-lower)
				levels = append(levels, mine)
				top = max(top, r.Value())
			}
			if top >= 20 {
				alarms++
			}
		}
		if c.shift == 0 && upperBound(alarms, runs, 0.95) >= 0.05 {
			t.Errorf("%d against %d pods: %d alarms in %d healthy runs, want fewer than 5 %%", c.fresh, c.old, alarms, runs)
		}
		if c.shift > 0 && alarms < runs*9/10 {
			t.Errorf("%d against %d pods: %d alarms in %d runs with a shift, want nearly all", c.fresh, c.old, alarms, runs)
		}
	}
}
