package page

import (
	"fmt"
	"time"
)

// Span says how long something takes, as people do: two units at most.
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return Span(-d)
	case d < time.Second:
		return "under a second"
	case d < 90*time.Second:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < 10*time.Minute:
		return two(d, time.Minute, "min", time.Second, "s")
	case d < 90*time.Minute:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return two(d, time.Hour, "h", time.Minute, "min")
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}

func two(d, unit time.Duration, name string, small time.Duration, smallName string) string {
	rest := d % unit / small
	if rest == 0 {
		return fmt.Sprintf("%d %s", d/unit, name)
	}
	return fmt.Sprintf("%d %s %d %s", d/unit, name, rest, smallName)
}

// Ago says how long before now something was. The clocks of a cluster differ:
// what lies a little ahead is just now.
func Ago(at, now time.Time) string {
	if now.Sub(at) < time.Second {
		return "just now"
	}
	return Span(now.Sub(at)) + " ago"
}

// Clock is a time of day, with its date when that is not today's.
func Clock(at, now time.Time) string {
	at = at.In(now.Location())
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format(time.TimeOnly)
	}
	return at.Format(time.DateTime)
}

// Count says how many there are of something.
func Count[N int | int32 | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
