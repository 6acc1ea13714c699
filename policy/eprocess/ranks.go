package eprocess

import "math"

// powers are the bets of Ranks, with equal weights: odds that grow with the
// rank to the given power. 1 leans towards the upper half, 15 stakes nearly
// all on the very top. Persisted logarithms are in this order.
var powers = [...]float64{1, 3, 7, 15}

// Ranks tests whether a gauge (memory, latency, queue length) is higher on
// pods of the new revision. The zero value is a fresh test, worth 1. It is a
// value: copy it, compare it, marshal it.
//
// A pod is bet on once, with one number that sums up its first minutes. If the
// revisions do not differ, pods are exchangeable, and the rank of the next pod
// among all pods before it is uniform and independent of the earlier ranks.
// One bet per scrape would not do: a pod that runs hot runs hot in every
// scrape, and the same accident would be counted again and again.
type Ranks struct {
	// Logs holds the logarithm of the product for each power.
	Logs [len(powers)]float64 `json:"logs"`
	// Pods counts the new revision's pods that were ranked.
	Pods int `json:"pods"`
}

// Observe ranks one pod of the new revision among the pods before it: all of
// the old revision, and those of the new one that were observed already.
// lower, equal and higher say how many of them had a lower, the same and a
// higher value at the same age. Without pods of the old revision there is no
// baseline: do not call it. Impossible counts change nothing.
func (r *Ranks) Observe(lower, equal, higher int) {
	if min(lower, equal, higher) < 0 || max(lower, equal, higher) > maxCount {
		return
	}
	n := float64(lower) + float64(equal) + float64(higher) + 1
	tied := float64(equal) + 1
	top := float64(lower) + tied
	for i, power := range powers {
		// The density (power+1)u^power over this pod's part of [0, 1]; with
		// ties that part is several ranks wide, the mean over a fair draw.
		// Written so that ranks close together do not cancel out.
		p := power + 1
		mass := p*math.Log(top/n) + math.Log(-math.Expm1(p*math.Log1p(-tied/top)))
		r.Logs[i] += mass + math.Log(n/tied)
	}
	r.Pods = min(r.Pods+1, maxCount)
}

// Log returns the natural logarithm of the e-value.
func (r Ranks) Log() float64 { return logMean(r.Logs[:]) }

// Value returns the e-value: how many times the stake has grown. It never
// overflows.
func (r Ranks) Value() float64 { return exp(r.Log()) }
