package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Fraction is a probability between 0 and 1, both left out.
type Fraction float64

// String writes the fraction as it is read.
func (f Fraction) String() string { return strconv.FormatFloat(float64(f), 'f', -1, 64) }

// MarshalYAML makes encoders write the fraction as it is read.
func (f Fraction) MarshalYAML() (any, error) { return float64(f), nil }

// parseFraction returns the fraction, or what is wrong with the text.
func parseFraction(text string) (Fraction, string) {
	if percent, ok := strings.CutSuffix(text, "%"); ok {
		if p, err := strconv.ParseFloat(strings.TrimSpace(percent), 64); err == nil && p > 0 && p < 100 {
			return 0, fmt.Sprintf("%s is a percentage; write it as a fraction: %s", clip(text), strconv.FormatFloat(p/100, 'g', 6, 64))
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || math.IsNaN(f):
		return 0, fmt.Sprintf("%s is not a number; write the tolerated probability of a wrong verdict, such as 0.001 for 1 in 1,000", quote(text))
	case f <= 0:
		return 0, fmt.Sprintf("%s would never convict; write a number above 0, such as 0.001 for 1 in 1,000", clip(text))
	case f >= 1:
		return 0, fmt.Sprintf("%s would convict every revision; write a number below 1, such as 0.001 for 1 in 1,000", clip(text))
	}
	return Fraction(f), ""
}
