package app

import (
	"context"
	"fmt"
	"time"
)

const (
	// jumpEvery is how often the clock is looked at.
	jumpEvery = time.Second
	// maxJump is how far it may be set at once.
	maxJump = 10 * time.Second
)

// watchClock ends with an error when the clock was set forward or back: what has
// been seen is dated by what it showed before, and would seem to have lasted for
// long, or not at all. A new start dates it anew, and loses nothing but time.
// Until then the API server's clock keeps undog from writing.
func watchClock(ctx context.Context) error {
	ticker := time.NewTicker(jumpEvery)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
			now := time.Now()
			// Without the readings of the monotonic clock the difference is that
			// of what the clock on the wall showed.
			if by := jumped(now.Round(0).Sub(last.Round(0)), now.Sub(last)); by != 0 {
				return fmt.Errorf("the clock was set by %s: undog has to start anew, since what it saw is dated by the old time", by.Round(time.Second))
			}
			last = now
		}
	}
}

// jumped is by how much a clock was set that shows that so much time has gone by,
// 0 if that is about how much it was.
func jumped(shown, elapsed time.Duration) time.Duration {
	if by := shown - elapsed; by.Abs() > maxJump {
		return by
	}
	return 0
}
