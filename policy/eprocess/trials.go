package eprocess

import "math"

// prior is the weight of the Beta(0.18, 0.18) prior behind each estimate, the
// value that Turner, Ly and Grünwald found to lose least for 2x2 tables.
const prior = 0.18

// maxCount bounds every count, so that sums stay exact in a float64. Blocks
// with more are refused, totals stop there.
const maxCount = 1 << 30

// Block is a set of checks made at the same time on both revisions. Its sizes
// must not depend on its outcomes: decide what to check, then look. A pod
// should be in a block once.
type Block struct {
	New     int
	NewFail int
	Old     int
	OldFail int
}

// Trials tests whether checks fail more often on the new revision than on the
// old one. The zero value is a fresh test, worth 1. It is a value: copy it,
// compare it, marshal it.
//
// Each block is bet on with what the blocks before it said: the estimated
// failure rates n (new) and o (old) against the rate they would share, weighted
// by the block's sizes. For n > o this is an e-variable for "new fails no more
// often than old", whatever the common rate is, and that rate may change from
// block to block: an outage that hits both revisions alike proves nothing.
// While the estimates do not say that new is worse there is no bet.
type Trials struct {
	// MinEffect is the smallest difference between the failure rates worth
	// betting on, 0 to below 1. Set it before the first block; a difference
	// below it collects no evidence, however long it lasts.
	MinEffect float64 `json:"minEffect,omitempty"`
	// Total is the sum of all blocks, for estimates and explanations.
	Total Block `json:"total"`
	// Sum is the logarithm of the e-value.
	Sum float64 `json:"sum"`
}

// Observe counts a block. A block without both revisions moves the estimates
// but is no evidence; an impossible one (more failures than checks, negative
// or absurdly many) changes nothing.
func (t *Trials) Observe(b Block) {
	if !b.possible() {
		return
	}
	t.Sum += t.bet(b)
	t.Total.New = min(t.Total.New+b.New, maxCount)
	t.Total.NewFail = min(t.Total.NewFail+b.NewFail, t.Total.New)
	t.Total.Old = min(t.Total.Old+b.Old, maxCount)
	t.Total.OldFail = min(t.Total.OldFail+b.OldFail, t.Total.Old)
}

// Log returns the natural logarithm of the e-value.
func (t Trials) Log() float64 { return t.Sum }

// Value returns the e-value: how many times the stake has grown. It never
// overflows.
func (t Trials) Value() float64 { return exp(t.Sum) }

// bet returns the logarithm of the block's factor.
func (t Trials) bet(b Block) float64 {
	if b.New == 0 || b.Old == 0 {
		return 0
	}
	newFail, newPass := estimate(t.Total.New, t.Total.NewFail)
	oldFail, oldPass := estimate(t.Total.Old, t.Total.OldFail)
	if diff := newFail - oldFail; !(diff > 0 && diff >= t.MinEffect) {
		return 0
	}
	n, o := float64(b.New), float64(b.Old)
	fail := (n*newFail + o*oldFail) / (n + o)
	pass := (n*newPass + o*oldPass) / (n + o)
	return float64(b.NewFail)*math.Log(newFail/fail) +
		float64(b.New-b.NewFail)*math.Log(newPass/pass) +
		float64(b.OldFail)*math.Log(oldFail/fail) +
		float64(b.Old-b.OldFail)*math.Log(oldPass/pass)
}

// estimate returns the failure and pass rates, each above zero.
func estimate(n, fail int) (failing, passing float64) {
	all := float64(n) + 2*prior
	return (float64(fail) + prior) / all, (float64(n-fail) + prior) / all
}

func (b Block) possible() bool {
	return 0 <= b.NewFail && b.NewFail <= b.New && b.New <= maxCount &&
		0 <= b.OldFail && b.OldFail <= b.Old && b.Old <= maxCount
}
