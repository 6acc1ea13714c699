package outbox_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/outbox"
	"github.com/undog-dev/undog/policy"
)

// stuck is a publisher that answers only when it is let go.
type stuck struct {
	stream
	hold chan struct{}
}

func (s *stuck) Publish(ctx context.Context, e notify.Event) error {
	select {
	case <-s.hold:
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.stream.Publish(ctx, e)
}

// TestBlockedPublisherShows holds a publisher, and fails another: both keep
// events back, one of them keeps Run busy.
func TestBlockedPublisherShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stuck{hold: make(chan struct{})}
		o := start(t, outbox.Options{Publisher: s})
		settle(time.Minute)
		if st := o.Stats(); !st.Busy.IsZero() || !st.Blocked.IsZero() {
			t.Errorf("with nothing to do: %+v", st)
		}
		began := time.Now()
		o.Add(transition("a", policy.RollbackDone, 0), transition("b", policy.RollbackDone, 1))
		settle(time.Hour)
		if st := o.Stats(); !st.Busy.Equal(began) || !st.Blocked.Equal(began) {
			t.Errorf("held since %v: %+v", began, st)
		}
		s.set(func(st *stream) { st.down = true })
		s.hold <- struct{}{}
		synctest.Wait()
		if st := o.Stats(); st.Retried != 1 || !st.Blocked.Equal(began) {
			t.Errorf("after a failure: %+v", st)
		}
		s.set(func(st *stream) { st.down = false })
		settle(time.Minute)
		out := time.Now()
		s.hold <- struct{}{}
		settle(time.Minute)
		if st := o.Stats(); st.Depth != 1 || !st.Blocked.Equal(out) {
			t.Errorf("one of two got out at %v: %+v", out, st)
		}
		close(s.hold)
		synctest.Wait()
		if st := o.Stats(); !st.Busy.IsZero() || !st.Blocked.IsZero() {
			t.Errorf("afterwards: %+v", st)
		}
	})
}
