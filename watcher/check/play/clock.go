package play

import (
	"context"
	"time"
)

// Clock is the time that a play goes by. A simulation brings its own.
type Clock interface {
	Now() time.Time
	// WithTimeout is context.WithTimeout by this clock.
	WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
}

// machine is the clock of Targets that bring none.
type machine struct{}

func (machine) Now() time.Time { return time.Now() }

func (machine) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}

// Now is the time on the target's clock.
func (t *Target) Now() time.Time { return t.clock().Now() }

// clock is what a play on the target goes by.
func (t *Target) clock() Clock {
	if t.Clock == nil {
		return machine{}
	}
	return t.Clock
}
