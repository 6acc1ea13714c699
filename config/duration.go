package config

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Duration is a length of time that is written with its unit, such as 10m.
type Duration time.Duration

// String writes the duration as short as it can be read back: 10m, not 10m0s.
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// MarshalText makes encoders write the duration as it is read.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

var (
	bareNumber  = regexp.MustCompile(`^[+-]?[0-9][0-9_]*(\.[0-9]*)?$`)
	wholeLonger = regexp.MustCompile(`^([0-9]{1,4})([dw])$`)
)

// parseDuration returns the duration, or what is wrong with the text.
func parseDuration(text string) (Duration, string) {
	text = strings.TrimSpace(text)
	d, err := time.ParseDuration(text)
	switch {
	case err == nil && d < 0:
		return 0, fmt.Sprintf("%s is negative; write 0 or a positive duration such as 10m", text)
	case err == nil:
		return Duration(d), ""
	case text == "":
		return 0, "is empty; write a duration such as 30s, 10m or 2h"
	case bareNumber.MatchString(text) && strings.HasPrefix(text, "-"):
		return 0, fmt.Sprintf("%s is negative; write 0 or a positive duration such as 10m", text)
	case bareNumber.MatchString(text):
		return 0, fmt.Sprintf("%s is a bare number; write its unit too: %ss, %sm or %sh", clip(text), clip(text), clip(text), clip(text))
	}
	if m := wholeLonger.FindStringSubmatch(text); m != nil {
		return 0, fmt.Sprintf("%s has a unit that is not known here; the longest is h (hours): a day is 24h, a week 168h", text)
	}
	return 0, fmt.Sprintf("%s is not a duration; write one such as 30s, 10m or 1h30m", quote(text))
}
