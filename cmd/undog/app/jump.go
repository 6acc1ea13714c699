package app

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

const (
	// jumpEvery is how often the clock is looked at.
	jumpEvery = time.Second
	// maxJump is how far it may be set at once.
	maxJump = 10 * time.Second
)

// clock notices that the clock was set forward or back: what has been seen is
// dated by what it showed before, and would seem to have lasted for long, or not
// at all. A new start dates it anew, and loses nothing but time. Until then
// nothing is written: a clock that was put right just now agrees with the API
// server's, and what was seen does not.
type clock struct{ last atomic.Pointer[time.Time] }

func newClock() *clock {
	c := &clock{}
	now := time.Now()
	c.last.Store(&now)
	return c
}

// watch ends with an error when the clock was set.
func (c *clock) watch(ctx context.Context) error {
	ticker := time.NewTicker(jumpEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
			now := time.Now()
			if by := c.set(now); by != 0 {
				return fmt.Errorf("the clock was set by %s: undog has to start anew, since what it saw is dated by the old time", by.Round(time.Second))
			}
			c.last.Store(&now)
		}
	}
}

// set is by how much the clock was set since it was last looked at. Without the
// readings of the monotonic clock the difference of two times is that of what
// the clock on the wall showed.
func (c *clock) set(now time.Time) time.Duration {
	last := *c.last.Load()
	return jumped(now.Round(0).Sub(last.Round(0)), now.Sub(last))
}

// off is for rollback.Options: how far the clock is ahead of the API server's,
// or was set.
func (c *clock) off(server *atomic.Int64) func() time.Duration {
	return func() time.Duration {
		if by := c.set(time.Now()); by != 0 {
			return by
		}
		return time.Duration(server.Load())
	}
}

// observeClock registers how the clock is.
func observeClock(m *metrics, off func() time.Duration) {
	m.gauge("undog_clock_offset_seconds",
		"How far undog's clock is ahead of the API server's, as its last answer said; negative where it is behind. Beyond 10 s undog writes nothing.",
		func() float64 { return off().Seconds() })
}

// jumped is by how much a clock was set that shows that so much time has gone by,
// 0 if that is about how much it was.
func jumped(shown, elapsed time.Duration) time.Duration {
	if by := shown - elapsed; by.Abs() > maxJump {
		return by
	}
	return 0
}
