package watcher

import (
	"math"
	"time"
)

// Times are kept as numbers: a time.Time is three words. Kubernetes' own are
// whole seconds, undog's are nanoseconds.

// secondsTime is the zero time for 0.
func secondsTime(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

// stamp keeps Unix seconds in half the space. It ends in 2106.
func stamp(s int64) uint32 { return uint32(min(max(s, 0), math.MaxUint32)) } //nolint:gosec // bounded

// nanosTime is the zero time for 0.
func nanosTime(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
