package outbox_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undog-dev/undog/notify/outbox"
	"github.com/undog-dev/undog/policy"
)

// A stream that is emptied or made anew while undog runs is told of once, and
// has everything again before the next regular comparison.
func TestLossIsNoticed(t *testing.T) {
	for name, test := range map[string]struct {
		lose func(*stream)
		say  string
	}{
		"emptied": {func(s *stream) { s.lost, s.accepted = s.lost+len(s.accepted), nil }, "emptied"},
		"made anew": {func(s *stream) {
			s.made++
			s.accepted = nil
		}, "made again"},
		"made anew and filled by others": {func(s *stream) {
			s.made++
			s.accepted = []string{"x", "y", "z"}
		}, "made again"},
		"put back": {func(s *stream) { s.accepted = s.accepted[:1] }, "earlier state"},
		"in part":  {func(s *stream) { s.lost, s.accepted = s.lost+1, s.accepted[:1] }, "1 of its 2 events"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, c := &stream{}, &cluster{}
				var log strings.Builder
				bad, done := transition("a", policy.VerdictBad, 0), transition("a", policy.RollbackDone, 1)
				c.add(bad, done)
				o := start(t, outbox.Options{
					Publisher: s, Owed: c.Owed, Known: s.Known, Holding: s.Holding, Interval: 24 * time.Hour,
					Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})),
				})
				o.Add(bad, done)
				settle(time.Hour)
				s.set(test.lose)
				settle(time.Hour)
				have := strings.Join(s.got(), " ")
				for _, id := range ids(bad, done) {
					if strings.Count(have, id) != 1 {
						t.Errorf("the stream has %s, want %s once", have, id)
					}
				}
				if strings.Count(log.String(), "the stream lost events") != 1 || !strings.Contains(log.String(), test.say) {
					t.Errorf("want one warning of %q, got: %s", test.say, log.String())
				}
			})
		})
	}
}

// What a healthy stream does is not taken for a loss, and costs no comparison.
func TestNoLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := &stream{}, &cluster{}
		var log strings.Builder
		c.add(transition("a", policy.VerdictBad, 0))
		o := start(t, outbox.Options{
			Publisher: s, Owed: c.Owed, Known: s.Known, Holding: s.Holding, Interval: 24 * time.Hour,
			Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})),
		})
		for i := range 20 {
			o.Add(transition("b", policy.RolloutStarted, i))
			settle(time.Minute)
		}
		if s.scans != 1 || s.looks < 20 || log.Len() > 0 {
			t.Errorf("%d comparisons, %d looks, log: %s", s.scans, s.looks, log.String())
		}
	})
}

// counting is a stream that says what it acknowledged.
type counting struct{ *stream }

func (c counting) Acknowledged() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return uint64(len(c.accepted) + c.lost)
}

// A loss shows in the next acknowledgement, without a look that is due.
func TestLossIsNoticedByTheNextAcknowledgement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := &stream{}, &cluster{}
		o := start(t, outbox.Options{
			Publisher: counting{s}, Owed: c.Owed, Known: s.Known, Holding: s.Holding, Interval: 24 * time.Hour, LookEvery: 24 * time.Hour,
		})
		var all []policy.Transition
		tell := func() {
			next := transition("a", policy.VerdictBad, len(all))
			all = append(all, next)
			c.add(next)
			o.Add(next)
			settle(time.Second)
		}
		for range 4 {
			tell()
		}
		if st := o.Stats(); st.Losses != 0 || s.looks != 1 {
			t.Errorf("%d losses and %d looks before there was any", st.Losses, s.looks)
		}
		s.set(func(s *stream) { s.accepted = nil })
		tell()
		wantIDs(t, "the stream holds", s.got(), append(ids(all[4]), ids(all[:4]...)...))
		if st := o.Stats(); st.Losses != 1 || s.looks != 2 {
			t.Errorf("%d losses and %d looks, want one more of each", st.Losses, s.looks)
		}
	})
}
