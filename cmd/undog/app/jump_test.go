package app

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestJumped(t *testing.T) {
	for name, c := range map[string]struct{ shown, elapsed, want time.Duration }{
		"runs":                    {time.Second, time.Second, 0},
		"put right by a little":   {3 * time.Second, time.Second, 0},
		"an hour forward":         {time.Hour + time.Second, time.Second, time.Hour},
		"an hour back":            {time.Second - time.Hour, time.Second, -time.Hour},
		"the process was stopped": {time.Hour, time.Hour, 0},
	} {
		if got := jumped(c.shown, c.elapsed); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// A clock that runs is no reason to stop, for however long.
func TestClockThatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		if err := newClock().watch(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}
