package outbox_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undog-dev/undog/notify/outbox"
	"github.com/undog-dev/undog/policy"
)

// Whoever's turn it is not publishes what it is given, and compares nothing.
func TestNotItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := &stream{}, &cluster{}
		owed := transition("a", policy.VerdictBad, -1)
		c.add(owed)
		var active atomic.Bool
		o := start(t, outbox.Options{Publisher: s, Owed: c.Owed, Known: s.Known, Holding: s.Holding, Active: active.Load})
		own := transition("a", policy.RolloutPaused, 0)
		o.Add(own)
		settle(time.Hour)
		wantIDs(t, "published out of turn", s.got(), ids(own))
		if s.scans+s.looks > 0 {
			t.Errorf("the stream was read %d times, and looked at %d times", s.scans, s.looks)
		}
		active.Store(true)
		o.Reconcile()
		settle(time.Second)
		wantIDs(t, "published in its turn", s.got(), ids(own, owed))
	})
}

// What the stream has is not told again, though its id is another one.
func TestInherit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := &stream{unread: true}, &cluster{}
		told, untold := transition("a", policy.RolloutStarted, 0), transition("a", policy.RolloutSuspect, 1)
		owed, after := transition("a", policy.VerdictBad, 2), transition("a", policy.RolloutHeld, 3)
		c.add(owed)
		var since time.Time
		o := start(t, outbox.Options{
			Publisher: s, Owed: c.Owed, Known: s.Known,
			Told: func(_ context.Context, from time.Time) (func(policy.Transition) bool, error) {
				since = from
				return func(tr policy.Transition) bool { return tr.Kind == policy.RolloutStarted }, nil
			},
		})
		o.Inherit([]policy.Transition{told, untold})
		synctest.Wait()
		s.set(func(s *stream) { s.unread = false })
		o.Add(after)
		settle(time.Hour)
		wantIDs(t, "published", s.got(), ids(untold, owed, after))
		if since.After(told.At) {
			t.Errorf("the stream was read since %v, and told first at %v", since, told.At)
		}
	})
}

// Whoever's turn has ended leaves what is durable to the next one, and still
// tells what nobody else knows of.
func TestYield(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := &stream{down: true}, &cluster{}
		var active atomic.Bool
		active.Store(true)
		o := start(t, outbox.Options{Publisher: s, Owed: c.Owed, Known: s.Known, Active: active.Load})
		first, durable, last := transition("a", policy.RolloutStarted, 0), transition("a", policy.VerdictBad, 1), transition("b", policy.RolloutStarted, 2)
		c.add(durable)
		o.Add(first, durable, last)
		synctest.Wait()
		active.Store(false)
		o.Yield()
		s.set(func(s *stream) { s.down = false })
		settle(time.Hour)
		wantIDs(t, "published", s.got(), ids(first, last))
	})
}
