package eprocess_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/undog-dev/undog/policy/eprocess"
)

// TestEventsNeeded is how many events convict: all on the new revision, and all
// but the first.
func TestEventsNeeded(t *testing.T) {
	for _, c := range []struct {
		share     float64
		threshold float64
		all       int
		butOne    int
	}{
		{1. / 21, 20, 2, 3},
		{1. / 21, 100, 3, 4},
		{1. / 21, 1000, 3, 5},
		{0.10, 20, 2, 4},
		{0.10, 100, 3, 5},
		{0.10, 1000, 4, 6},
		{0.25, 20, 3, 6},
		{0.25, 100, 5, 7},
		{0.25, 1000, 6, 9},
		{0.50, 20, 6, 10},
		{0.50, 100, 8, 13},
		{0.50, 1000, 12, 17},
		{0.75, 20, 13, 23},
		{0.75, 100, 19, 30},
		{0.75, 1000, 28, 39},
	} {
		t.Run(fmt.Sprintf("%g to %g", c.share, c.threshold), func(t *testing.T) {
			need := func(onOld int) int {
				var e eprocess.Events
				n := 0
				for ; e.Value() < c.threshold || n < onOld; n++ {
					e.Observe(n >= onOld, c.share, 1-c.share)
				}
				return n
			}
			if got := need(0); got != c.all {
				t.Errorf("all on the new one: %d events, want %d", got, c.all)
			}
			if got := need(1); got != c.butOne {
				t.Errorf("one on the old one: %d events, want %d", got, c.butOne)
			}
		})
	}
}

// TestEventsFactor sums over the outcomes: no bet wins on average, after
// whatever came before, if new is no worse.
func TestEventsFactor(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for range 2000 {
		var before eprocess.Events
		for range rng.IntN(20) {
			before.Observe(rng.IntN(2) == 0, 1+float64(rng.IntN(9)), 1+float64(rng.IntN(9)))
		}
		n, o := math.Exp(12*rng.Float64()-6), math.Exp(12*rng.Float64()-6)
		hit, miss := before, before
		hit.Observe(true, n, o)
		miss.Observe(false, n, o)
		for _, rate := range []float64{0, 0.3, 0.9, 1} {
			p := rate * n / (rate*n + o)
			mean := p*math.Exp(hit.Log()-before.Log()) + (1-p)*math.Exp(miss.Log()-before.Log())
			if mean > 1+1e-12 {
				t.Fatalf("exposures %g and %g, rate ratio %g: expected factor %v", n, o, rate, mean)
			}
			if rate == 1 && mean < 1-1e-9 {
				t.Fatalf("exposures %g and %g, equal rates: expected factor %v gives evidence away", n, o, mean)
			}
		}
		if hit.Log() < before.Log() || miss.Log() > before.Log() {
			t.Fatal("an event on the new revision must add evidence, one on the old must take some")
		}
		less := before
		less.Observe(true, 2*n, o)
		if less.Log() > hit.Log() {
			t.Fatal("a larger share must make an event less surprising")
		}
	}
}

func TestEventsWithoutBaseline(t *testing.T) {
	for _, exposure := range [][2]float64{
		{5, 0},
		{0, 5},
		{0, 0},
		{-1, 5},
		{5, -1},
		{math.NaN(), 5},
		{5, math.NaN()},
		{math.Inf(1), 5},
		{5, math.Inf(1)},
	} {
		var e eprocess.Events
		for range 50 {
			e.Observe(true, exposure[0], exposure[1])
		}
		if e != (eprocess.Events{}) {
			t.Errorf("exposures %v: %+v, want no evidence", exposure, e)
		}
	}
	var e eprocess.Events
	e.ObserveTogether(0, 0, 1, 1)
	e.ObserveTogether(-1, 2, 1, 1)
	e.ObserveTogether(2, -1, 1, 1)
	if e != (eprocess.Events{}) {
		t.Errorf("impossible counts: %+v, want no evidence", e)
	}
}

// TestEventsTogether: a whole node is one event, and worth nothing if the node
// is mixed as all pods are.
func TestEventsTogether(t *testing.T) {
	var node, one, fair eprocess.Events
	node.ObserveTogether(7, 0, 3, 5)
	one.Observe(true, 3, 5)
	near(t, node.Log(), one.Log(), 1e-12)
	fair.ObserveTogether(3, 5, 3, 5)
	near(t, fair.Log(), 0, 1e-12)
	if node.New != 7 || fair.Old != 5 {
		t.Errorf("counted %d and %d, want 7 and 5", node.New, fair.Old)
	}
}

func TestEventsValue(t *testing.T) {
	var e eprocess.Events
	if e.Value() != 1 || e.Log() != 0 {
		t.Errorf("fresh test: %v, want 1", e.Value())
	}
	for range 10_000 {
		e.Observe(true, 1, 1e6)
	}
	if v := e.Value(); v != math.MaxFloat64 {
		t.Errorf("after 10,000 events: %v, want the largest number", v)
	}
	copied := e
	copied.Observe(false, 1, 1)
	if copied == e {
		t.Error("a copy must be independent")
	}
}

func TestJSON(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 2))
	var e eprocess.Events
	trials := eprocess.Trials{MinEffect: 0.05}
	var r eprocess.Ranks
	var l eprocess.Limiter
	h := eprocess.History{Lives: 12, Horizon: seconds(600)}
	for i := range 100 {
		e.Observe(rng.IntN(2) == 0, 1+rng.Float64(), 1+rng.Float64())
		trials.Observe(eprocess.Block{New: 3, NewFail: rng.IntN(4), Old: 2, OldFail: rng.IntN(3)})
		r.Observe(rng.IntN(9), rng.IntN(2), rng.IntN(9))
		l.Allow(podNames[i], podNames[i%7], epoch.Add(seconds(float64(20*i))))
		h.Add(eprocess.Failure{Life: rng.IntN(12), Age: seconds(600 * rng.Float64())})
	}
	roundTrip(t, e)
	roundTrip(t, trials)
	roundTrip(t, r)
	roundTrip(t, l)
	data, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	var again eprocess.History
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(again) != fmt.Sprint(h) {
		t.Errorf("got %v, want %v", again, h)
	}
}

func roundTrip[T comparable](t *testing.T, want T) {
	t.Helper()
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got T
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("%s came back as %+v, want %+v", data, got, want)
	}
	var fresh T
	if got == fresh {
		t.Errorf("%T: nothing was stored", want)
	}
}
