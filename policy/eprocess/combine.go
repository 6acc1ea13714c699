package eprocess

import (
	"fmt"
	"math"
)

// Threshold is the e-value at which a budget is used up: 1/budget. The budget
// is the largest tolerated probability that a good revision is ever convicted.
func Threshold(budget float64) (float64, error) {
	if !(budget > 0 && budget < 1) {
		return 0, fmt.Errorf("budget %v: must be above 0 and below 1; 0.001 tolerates one wrong verdict in 1,000 good revisions", budget)
	}
	return min(1/budget, math.MaxFloat64), nil
}

// Part is one test's say in a [Mean].
type Part struct {
	// Weight is fixed before the first observation. Parts without a positive
	// weight have no say.
	Weight float64
	// Log is the logarithm of the test's e-value.
	Log float64
}

// Mean returns the logarithm of the weighted arithmetic mean of e-values. The
// mean of e-processes is one, however they depend on each other, so signals
// need no correction for their number.
//
// The list and the weights must be the same at every look. A signal that has
// nothing to say yet belongs in the list with the logarithm 0: leaving it out
// until it speaks would raise the others' weight after the fact.
func Mean(parts ...Part) float64 {
	top, total := math.Inf(-1), 0.0
	for _, p := range parts {
		if positive(p.Weight) && !math.IsNaN(p.Log) {
			top = max(top, p.Log)
			total += p.Weight
		}
	}
	if total == 0 || math.IsInf(top, 0) {
		return 0
	}
	sum := 0.0
	for _, p := range parts {
		if positive(p.Weight) && !math.IsNaN(p.Log) {
			sum += p.Weight / total * math.Exp(p.Log-top)
		}
	}
	return top + math.Log(sum)
}

// Least returns the smallest logarithm. It is for tests of the same question
// whose assumptions differ: the least of them is valid if any one is. Without
// arguments it is 0, no evidence.
func Least(logs ...float64) float64 {
	if len(logs) == 0 {
		return 0
	}
	least := logs[0]
	for _, l := range logs[1:] {
		least = min(least, l)
	}
	return least
}

// logMean returns log(mean(exp(logs))) without leaving the range of a float64.
func logMean(logs []float64) float64 {
	top := logs[0]
	for _, l := range logs[1:] {
		top = max(top, l)
	}
	sum := 0.0
	for _, l := range logs {
		sum += math.Exp(l - top)
	}
	return top + math.Log(sum/float64(len(logs)))
}

// exp is math.Exp, but finite.
func exp(log float64) float64 { return min(math.Exp(log), math.MaxFloat64) }
