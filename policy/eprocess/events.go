package eprocess

import "math"

// ratios are the rate ratios that Events bets on, with equal weights: "new
// fails twice as often as old" up to "64 times". Doubling is the least that is
// worth an undo. Crashes of a broken release are far beyond 64, but a larger
// ratio would win little when it is right (a factor of at most 1/share per
// event) and lose more when it is wrong. Persisted logarithms are in this order.
var ratios = [...]float64{2, 4, 8, 16, 64}

// Events tests whether rare events (crashes, OOM kills, restarts, lost
// readiness) fall on pods of the new revision more often than its share of
// the pods at risk allows. The zero value is a fresh test, worth 1. It is a
// value: copy it, compare it, marshal it.
//
// Under "new is no worse", the next event falls on the new revision with
// probability at most s, its share of what is at risk at that moment. An
// event bets on each rate ratio r: it multiplies by r/(1+s(r-1)) when it fell
// on the new revision and by 1/(1+s(r-1)) when it fell on the old one. The
// expected factor is at most 1 whatever came before, so each product is a
// non-negative supermartingale, and so is their mean.
type Events struct {
	// Logs holds the logarithm of the product for each rate ratio.
	Logs [len(ratios)]float64 `json:"logs"`
	// New and Old count the events that were looked at, for explanations.
	New int `json:"new"`
	Old int `json:"old"`
}

// Observe counts one event. The exposures weigh what was at risk of having the
// next counted event just before this one came: see [Weigh] and [History].
// Only their ratio matters. Exposure that was gathered earlier does not belong
// in them; a share of cumulative pod-seconds gives no valid test, see the
// package documentation.
//
// Without exposure on either side there is nothing to compare with, and the
// event is no evidence.
func (e *Events) Observe(onNew bool, exposureNew, exposureOld float64) {
	if onNew {
		e.ObserveTogether(1, 0, exposureNew, exposureOld)
	} else {
		e.ObserveTogether(0, 1, exposureNew, exposureOld)
	}
}

// ObserveTogether counts events that came together on one node, such as all
// crashes there within one look, as a single event: the expected factor of one
// of them drawn at random. The result does not depend on the order in which
// they were listed, and a node that falls over weighs as one event.
func (e *Events) ObserveTogether(onNew, onOld int, exposureNew, exposureOld float64) {
	if onNew < 0 || onOld < 0 || onNew > maxCount || onOld > maxCount || onNew+onOld == 0 {
		return
	}
	if !positive(exposureNew) || !positive(exposureOld) {
		return
	}
	share := 1 / (1 + exposureOld/exposureNew)
	part := float64(onNew) / float64(onNew+onOld)
	for i, r := range ratios {
		e.Logs[i] += math.Log1p(part*(r-1)) - math.Log1p(share*(r-1))
	}
	e.New = min(e.New+onNew, maxCount)
	e.Old = min(e.Old+onOld, maxCount)
}

// Log returns the natural logarithm of the e-value.
func (e Events) Log() float64 { return logMean(e.Logs[:]) }

// Value returns the e-value: how many times the stake has grown. It never
// overflows.
func (e Events) Value() float64 { return exp(e.Log()) }

// positive tells finite amounts above zero from all else.
func positive(x float64) bool { return x > 0 && x <= math.MaxFloat64 }
