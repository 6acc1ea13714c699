package eprocess_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/undog-dev/undog/policy/eprocess"
)

// The oracles keep all observations and multiply fractions of unlimited
// precision afresh at every look: slow, and with no thought in them.

func rat(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }

func logOf(x *big.Rat) float64 {
	num, den := new(big.Float).SetInt(x.Num()), new(big.Float).SetInt(x.Denom())
	mantissaN, exponentN := new(big.Float), num.MantExp(nil)
	mantissaN.SetMantExp(num, -exponentN)
	mantissaD, exponentD := new(big.Float), den.MantExp(nil)
	mantissaD.SetMantExp(den, -exponentD)
	n, _ := mantissaN.Float64()
	d, _ := mantissaD.Float64()
	return math.Log(n/d) + float64(exponentN-exponentD)*math.Ln2
}

type event struct {
	onNew, onOld             int
	exposureNew, exposureOld float64
}

// eventsOracle is the mean over the ratios of the products of likelihood
// ratios of one event among several drawn at random.
func eventsOracle(events []event) *big.Rat {
	sum := new(big.Rat)
	for _, ratio := range []float64{2, 4, 8, 16, 64} {
		product := rat(1)
		for _, e := range events {
			if e.exposureNew == 0 || e.exposureOld == 0 {
				continue
			}
			n, o, r := rat(e.exposureNew), rat(e.exposureOld), rat(ratio)
			whole := new(big.Rat).Add(n, o)
			// P(new) is n/(n+o) if the rates are equal, rn/(rn+o) if not.
			alternative := new(big.Rat).Add(new(big.Rat).Mul(r, n), o)
			ifNew := new(big.Rat).Quo(new(big.Rat).Mul(r, whole), alternative)
			ifOld := new(big.Rat).Quo(whole, alternative)
			drawn := new(big.Rat).Add(new(big.Rat).Mul(rat(float64(e.onNew)), ifNew), new(big.Rat).Mul(rat(float64(e.onOld)), ifOld))
			product.Mul(product, drawn.Quo(drawn, rat(float64(e.onNew+e.onOld))))
		}
		sum.Add(sum, product)
	}
	return sum.Quo(sum, rat(5))
}

func TestEventsAgainstOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	for range 25 {
		var e eprocess.Events
		var seen []event
		for range 1 + rng.IntN(25) {
			next := event{exposureNew: float64(rng.IntN(40)), exposureOld: float64(rng.IntN(400)) / 8}
			if rng.IntN(2) == 0 {
				next.onNew = 1
			} else {
				next.onOld = 1
			}
			if rng.IntN(4) == 0 {
				next.onNew, next.onOld = 1+rng.IntN(4), rng.IntN(4)
				e.ObserveTogether(next.onNew, next.onOld, next.exposureNew, next.exposureOld)
			} else {
				e.Observe(next.onNew == 1, next.exposureNew, next.exposureOld)
			}
			seen = append(seen, next)
			near(t, e.Log(), logOf(eventsOracle(seen)), 1e-10)
		}
	}
}

// trialsOracle multiplies, block by block, the probability of the outcomes
// under the two estimates over that under the one they share.
func trialsOracle(blocks []eprocess.Block, minEffect float64) *big.Rat {
	product := rat(1)
	prior := big.NewRat(18, 100)
	var total eprocess.Block
	for _, b := range blocks {
		rate := func(fail, n int) *big.Rat {
			top := new(big.Rat).Add(rat(float64(fail)), prior)
			return top.Quo(top, new(big.Rat).Add(rat(float64(n)), new(big.Rat).Add(prior, prior)))
		}
		n, o := rate(total.NewFail, total.New), rate(total.OldFail, total.Old)
		diff := new(big.Rat).Sub(n, o)
		if b.New > 0 && b.Old > 0 && diff.Sign() > 0 && diff.Cmp(rat(minEffect)) >= 0 {
			shared := new(big.Rat).Add(new(big.Rat).Mul(rat(float64(b.New)), n), new(big.Rat).Mul(rat(float64(b.Old)), o))
			shared.Quo(shared, rat(float64(b.New+b.Old)))
			times := func(p, q *big.Rat, count int) {
				for range count {
					product.Mul(product, new(big.Rat).Quo(p, q))
				}
			}
			pass := func(p *big.Rat) *big.Rat { return new(big.Rat).Sub(rat(1), p) }
			times(n, shared, b.NewFail)
			times(pass(n), pass(shared), b.New-b.NewFail)
			times(o, shared, b.OldFail)
			times(pass(o), pass(shared), b.Old-b.OldFail)
		}
		total.New, total.NewFail = total.New+b.New, total.NewFail+b.NewFail
		total.Old, total.OldFail = total.Old+b.Old, total.OldFail+b.OldFail
	}
	return product
}

func TestTrialsAgainstOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 2))
	for range 25 {
		trials := eprocess.Trials{MinEffect: []float64{0, 0.05, 0.3}[rng.IntN(3)]}
		var seen []eprocess.Block
		for range 1 + rng.IntN(15) {
			b := eprocess.Block{New: rng.IntN(6), Old: rng.IntN(6)}
			b.NewFail, b.OldFail = rng.IntN(b.New+1), rng.IntN(b.Old+1)
			trials.Observe(b)
			seen = append(seen, b)
			near(t, trials.Log(), logOf(trialsOracle(seen, trials.MinEffect)), 1e-10)
		}
	}
}

// TestRanksAgainstQuadrature integrates the betting density numerically over
// the pod's part of the unit interval.
func TestRanksAgainstQuadrature(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 3))
	for range 25 {
		var r eprocess.Ranks
		products := []float64{1, 1, 1, 1}
		for range 1 + rng.IntN(8) {
			lower, equal, higher := rng.IntN(12), rng.IntN(3), rng.IntN(12)
			r.Observe(lower, equal, higher)
			n := float64(lower + equal + higher + 1)
			from, to := float64(lower)/n, float64(lower+equal+1)/n
			sum := 0.0
			for i, power := range []float64{1, 3, 7, 15} {
				products[i] *= simpson(func(u float64) float64 { return (power + 1) * math.Pow(u, power) }, from, to) / (to - from)
				sum += products[i] / 4
			}
			near(t, r.Log(), math.Log(sum), 1e-6)
		}
	}
}

func simpson(f func(float64) float64, from, to float64) float64 {
	const n = 400
	h := (to - from) / n
	sum := f(from) + f(to)
	for i := 1; i < n; i++ {
		sum += float64(2+2*(i%2)) * f(from+float64(i)*h)
	}
	return sum * h / 3
}

func near(t *testing.T, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*math.Max(1, math.Abs(want))) {
		t.Fatalf("got %v, want %v", got, want)
	}
}
