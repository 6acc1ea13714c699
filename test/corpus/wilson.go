package corpus

import "math"

// z95 is the one-sided 95 % quantile of the normal distribution.
const z95 = 1.6449

// wilson is the upper end of Wilson's interval for k of n.
func wilson(k, n float64) float64 {
	p := k / n
	z2 := z95 * z95
	return (p + z2/(2*n) + z95*math.Sqrt(p*(1-p)/n+z2/(4*n*n))) / (1 + z2/n)
}
