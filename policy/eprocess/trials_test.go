package eprocess_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/undog-dev/undog/policy/eprocess"
)

// TestTrialsFactor sums over all outcomes of a block: no bet wins on average,
// after whatever came before, if new fails no more often.
func TestTrialsFactor(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	bets := 0
	for range 300 {
		before := eprocess.Trials{MinEffect: []float64{0, 0.1}[rng.IntN(2)]}
		for range rng.IntN(12) {
			b := eprocess.Block{New: 1 + rng.IntN(3), Old: 1 + rng.IntN(3)}
			b.NewFail, b.OldFail = rng.IntN(b.New+1), rng.IntN(b.Old+1)
			before.Observe(b)
		}
		n, o := rng.IntN(5), rng.IntN(5)
		for _, rates := range [][2]float64{{0, 0}, {0.02, 0.02}, {0.5, 0.5}, {0.98, 0.98}, {1, 1}, {0.1, 0.3}, {0, 1}, {0.6, 0.7}} {
			mean := 0.0
			for nf := range n + 1 {
				for of := range o + 1 {
					after := before
					after.Observe(eprocess.Block{New: n, NewFail: nf, Old: o, OldFail: of})
					if after.Log() != before.Log() {
						bets++
					}
					mean += binomial(n, nf, rates[0]) * binomial(o, of, rates[1]) * math.Exp(after.Log()-before.Log())
				}
			}
			if mean > 1+1e-12 {
				t.Fatalf("%+v, then %d new and %d old at rates %v: expected factor %v", before, n, o, rates, mean)
			}
		}
	}
	if bets == 0 {
		t.Fatal("no bet was made")
	}
}

func binomial(n, k int, p float64) float64 {
	ways := 1.0
	for i := range k {
		ways = ways * float64(n-i) / float64(i+1)
	}
	return ways * math.Pow(p, float64(k)) * math.Pow(1-p, float64(n-k))
}

// TestTrialsDelay is how many checks of each revision convict, old failing 2 %
// of them: median and nine in ten of 400 runs.
func TestTrialsDelay(t *testing.T) {
	for _, c := range []struct {
		rate, threshold float64
		median, ninety  int
	}{
		{1, 20, 4, 4},
		{1, 100, 5, 7},
		{0.5, 20, 13, 22},
		{0.5, 100, 17, 30},
		{0.2, 20, 39, 90},
		{0.2, 100, 57, 113},
	} {
		t.Run(fmt.Sprintf("%g to %g", c.rate, c.threshold), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(5, 2))
			var delays []int
			for range 400 {
				var trials eprocess.Trials
				n := 0
				for ; trials.Value() < c.threshold; n++ {
					trials.Observe(eprocess.Block{New: 1, NewFail: flip(rng, c.rate), Old: 1, OldFail: flip(rng, 0.02)})
				}
				delays = append(delays, n)
			}
			slices.Sort(delays)
			between := func(what string, got, want int) {
				if slack := 1 + want/5; got < want-slack || got > want+slack {
					t.Errorf("%s: %d checks, want about %d", what, got, want)
				}
			}
			between("median", delays[200], c.median)
			between("nine in ten", delays[360], c.ninety)
		})
	}
}

func flip(rng *rand.Rand, p float64) int {
	if rng.Float64() < p {
		return 1
	}
	return 0
}

// TestTrialsFalseAlarms looks after every block, in weather that changes for
// both revisions alike.
func TestTrialsFalseAlarms(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 3))
	const runs = 2000
	alarms := 0
	for range runs {
		var trials eprocess.Trials
		for i := range 300 {
			rate := 0.02
			if i%100 >= 90 {
				rate = 0.8
			}
			trials.Observe(eprocess.Block{New: 1, NewFail: flip(rng, rate), Old: 1, OldFail: flip(rng, rate)})
			if trials.Value() >= 20 {
				alarms++
				break
			}
		}
	}
	if upper := upperBound(alarms, runs, 0.95); upper >= 0.05 {
		t.Errorf("%d alarms in %d healthy runs: up to %.3f, want below 0.05", alarms, runs, upper)
	}
}

func TestTrialsNoEvidence(t *testing.T) {
	for name, b := range map[string]eprocess.Block{
		"no old checks":        {New: 5, NewFail: 5},
		"no new checks":        {Old: 5, OldFail: 5},
		"both fail":            {New: 5, NewFail: 5, Old: 5, OldFail: 5},
		"new is better":        {New: 5, Old: 5, OldFail: 5},
		"more failures":        {New: 1, NewFail: 2, Old: 1},
		"more failures of old": {New: 1, Old: 1, OldFail: 2},
		"negative":             {New: -1, NewFail: -1, Old: 1},
		"negative failures":    {New: 1, NewFail: 1, Old: 1, OldFail: -1},
		"absurd":               {New: math.MaxInt, NewFail: math.MaxInt, Old: 1},
	} {
		t.Run(name, func(t *testing.T) {
			var trials eprocess.Trials
			for range 20 {
				trials.Observe(b)
			}
			if trials.Log() != 0 {
				t.Errorf("evidence %v, want none", trials.Value())
			}
		})
	}
}

func TestTrialsMinEffect(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 4))
	strict, plain := eprocess.Trials{MinEffect: 0.2}, eprocess.Trials{}
	for range 20_000 {
		b := eprocess.Block{New: 1, NewFail: flip(rng, 0.15), Old: 1, OldFail: flip(rng, 0.05)}
		strict.Observe(b)
		plain.Observe(b)
	}
	if plain.Value() < 1e6 {
		t.Errorf("a difference of 0.1 without a minimum: %v, want a conviction", plain.Value())
	}
	if strict.Value() > 20 {
		t.Errorf("a difference of 0.1 under a minimum of 0.2: %v, want no conviction", strict.Value())
	}
}
