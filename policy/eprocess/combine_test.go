package eprocess_test

import (
	"math"
	"strings"
	"testing"

	"github.com/undog-dev/undog/policy/eprocess"
)

func TestThreshold(t *testing.T) {
	for budget, want := range map[float64]float64{0.001: 1000, 0.05: 20, 0.5: 2, 5e-324: math.MaxFloat64} {
		got, err := eprocess.Threshold(budget)
		if err != nil {
			t.Errorf("budget %g: %v", budget, err)
		}
		near(t, got, want, 1e-12)
	}
	for _, budget := range []float64{0, 1, -0.1, 1.5, math.NaN(), math.Inf(1)} {
		_, err := eprocess.Threshold(budget)
		if err == nil || !strings.HasPrefix(err.Error(), "budget ") || !strings.Contains(err.Error(), "above 0 and below 1") {
			t.Errorf("budget %g: error %v, want one that says what to do", budget, err)
		}
	}
}

func TestMean(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		parts []eprocess.Part
		want  float64
	}{
		"nothing":         {nil, 1},
		"one":             {[]eprocess.Part{{1, math.Log(7)}}, 7},
		"equal":           {[]eprocess.Part{{1, math.Log(10)}, {1, math.Log(2)}}, 6},
		"weights":         {[]eprocess.Part{{3, math.Log(10)}, {1, math.Log(2)}}, 8},
		"silent ones":     {[]eprocess.Part{{1, math.Log(31)}, {1, 0}, {1, 0}}, 11},
		"no weight":       {[]eprocess.Part{{0, 500}, {-1, 500}, {nan, 500}, {inf, 500}, {1, math.Log(3)}}, 3},
		"only no weight":  {[]eprocess.Part{{0, 500}}, 1},
		"not a number":    {[]eprocess.Part{{1, nan}, {1, math.Log(3)}}, 3},
		"beyond a double": {[]eprocess.Part{{1, 1000}, {1, 1000 + math.Log(3)}}, inf},
		"next to nothing": {[]eprocess.Part{{1, -2000}, {1, 0}}, 0.5},
	} {
		t.Run(name, func(t *testing.T) {
			got := eprocess.Mean(c.parts...)
			if math.IsInf(c.want, 1) {
				near(t, got, 1000+math.Log(2), 1e-12)
				return
			}
			near(t, got, math.Log(c.want), 1e-12)
		})
	}
}

func TestLeast(t *testing.T) {
	for _, c := range []struct{ got, want float64 }{
		{eprocess.Least(), 0}, {eprocess.Least(3), 3}, {eprocess.Least(3, -1, 2), -1},
	} {
		if c.got != c.want {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
}

// TestMeanIsNoGreater: the mean never says more than the loudest part.
func TestMeanIsNoGreater(t *testing.T) {
	for x := -50.0; x < 800; x += 13.7 {
		got := eprocess.Mean(eprocess.Part{Weight: 1, Log: x}, eprocess.Part{Weight: 4, Log: 0})
		if got > max(x, 0) || got < min(x, 0) || got < x-math.Log(5)-1e-9 {
			t.Errorf("mean of %g and 0 is %g", x, got)
		}
	}
}
