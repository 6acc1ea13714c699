package baseline

import (
	"math"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/test/corpus/play"
)

// Fisher compares how many pods of the new and of the old revision have failed,
// with Fisher's exact test, one-sided, and looks again at every change: what a
// canary analysis becomes that is repeated until it says something.
//
// Source: R. A. Fisher, The Design of Experiments (1935), chapter 2; that looking
// again and again breaks its error bound: P. Armitage, C. K. McPherson and B. C.
// Rowe, Repeated Significance Tests on Accumulating Data, J. R. Stat. Soc. A 132
// (1969).
type Fisher struct{}

// fisherAlpha is the level of each single test.
const fisherAlpha = 0.05

// NewFisher makes one.
func NewFisher() *Fisher { return &Fisher{} }

// Name implements play.Judge.
func (*Fisher) Name() string { return "Fisher's test, repeated" }

// Look implements play.Judge.
func (*Fisher) Look(v play.View) bool {
	a, b := failures(v.New), failures(v.Old)
	return a > 0 && FisherP(a, len(v.New), b, len(v.Old)) < fisherAlpha
}

func failures(pods []*corev1.Pod) int {
	n := 0
	for _, p := range pods {
		if failed(p) {
			n++
		}
	}
	return n
}

// FisherP is the probability, if both rates are equal, of at least a failures
// among n new pods when there are a+b among n+m.
func FisherP(a, n, b, m int) float64 {
	k := a + b
	total := logChoose(n+m, k)
	p := 0.0
	for x := a; x <= min(k, n); x++ {
		if k-x <= m {
			p += math.Exp(logChoose(n, x) + logChoose(m, k-x) - total)
		}
	}
	return min(p, 1)
}

// logChoose is the logarithm of n over k.
func logChoose(n, k int) float64 {
	return logFactorial(n) - logFactorial(k) - logFactorial(n-k)
}

func logFactorial(n int) float64 {
	v, _ := math.Lgamma(float64(n) + 1)
	return v
}
