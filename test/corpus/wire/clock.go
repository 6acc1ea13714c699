package wire

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Clock is the time of one play. It stands still but for Pause. It implements
// the Clock of watcher/check/play.
type Clock struct {
	mu        sync.Mutex
	now       time.Time
	deadlines []*deadline
}

// deadline is a context that ends at a time.
type deadline struct {
	at  time.Time
	end context.CancelCauseFunc
}

// NewClock returns one that shows a time.
func NewClock(now time.Time) *Clock { return &Clock{now: now} }

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// WithTimeout is context.WithTimeout by this clock.
func (c *Clock) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, end := context.WithCancelCause(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	mine := &deadline{at: c.now.Add(d), end: end}
	c.deadlines = append(c.deadlines, mine)
	return ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.deadlines = slices.DeleteFunc(c.deadlines, func(o *deadline) bool { return o == mine })
		end(nil)
	}
}

// Pause moves the clock on. If a deadline comes first, the clock stays there,
// the deadline's context ends, and Pause returns false.
func (c *Clock) Pause(_ context.Context, d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	until := c.now.Add(d)
	var first *deadline
	for _, o := range c.deadlines {
		if !o.at.After(until) && (first == nil || o.at.Before(first.at)) {
			first = o
		}
	}
	if first == nil {
		c.now = until
		return true
	}
	c.now = first.at
	first.end(context.DeadlineExceeded)
	return false
}

// forever is longer than any deadline.
const forever = 24 * time.Hour

// Hang is what happens to whoever waits for an answer that never comes.
func (c *Clock) Hang(ctx context.Context) { c.Pause(ctx, forever) }
