package events

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseTime reads a moment as people write one: how long ago, such as 2h or 7d,
// or a time in RFC 3339. "" and 0 are no moment at all.
func ParseTime(value string, now time.Time) (time.Time, error) {
	if value == "" || value == "0" {
		return time.Time{}, nil
	}
	if days, ok := strings.CutSuffix(value, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return now.Add(-time.Duration(n) * 24 * time.Hour), nil
		}
	}
	if ago, err := time.ParseDuration(value); err == nil {
		if ago < 0 {
			return time.Time{}, fmt.Errorf("%q lies in the future: leave the - away", value)
		}
		return now.Add(-ago), nil
	}
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no time: write how long ago, such as 2h or 7d, or when, such as %s", value, now.UTC().Format(time.RFC3339))
	}
	return at, nil
}
