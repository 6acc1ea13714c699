package outbox_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undog-dev/undog/notify/outbox"
	"github.com/undog-dev/undog/policy"
)

func TestStartPublishesExactlyWhatIsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := &stream{}, &cluster{}
		var want []string
		for i := range 100 {
			at := -100 + i
			bad, done := transition("w"+strconv.Itoa(i), policy.VerdictBad, at), transition("w"+strconv.Itoa(i), policy.RollbackDone, at)
			c.add(bad, done)
			switch i % 3 {
			case 0:
				s.accepted = append(s.accepted, bad.ID, done.ID)
			case 1:
				s.accepted = append(s.accepted, bad.ID)
				want = append(want, done.ID)
			case 2:
				want = append(want, bad.ID, done.ID)
			}
		}
		c.add(transition("old", policy.VerdictBad, -8*24*60), transition("w1", policy.RolloutStarted, -1))
		before := len(s.accepted)
		o := start(t, outbox.Options{Publisher: s, Owed: c.Owed, Known: s.Known})
		settle(time.Hour)
		wantIDs(t, "published at start", s.got()[before:], want)
		if st := o.Stats(); st.Reconciled != uint64(len(want)) || st.LastReconciled.IsZero() {
			t.Errorf("%+v", st)
		}
		if oldest := time.Now().Add(-7*24*time.Hour - 2*time.Hour); s.since.Before(oldest) {
			t.Errorf("the stream was read since %v, before %v", s.since, oldest)
		}
	})
}

func TestMissingGoesBeforeWhatFollowedIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := &stream{down: true}, &cluster{}
		bad := transition("a", policy.VerdictBad, -60)
		c.add(bad)
		o := start(t, outbox.Options{Publisher: s, Owed: c.Owed, Known: s.Known})
		other, done := transition("b", policy.RolloutStarted, 0), transition("a", policy.RollbackDone, 1)
		c.add(done)
		o.Add(other, done)
		settle(time.Hour)
		s.set(func(s *stream) { s.down = false })
		if err := o.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantIDs(t, "published", s.got(), ids(other, bad, done))
	})
}

func TestStreamThatLostItsMessagesIsHealed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := &stream{}, &cluster{}
		bad, done := transition("a", policy.VerdictBad, 0), transition("a", policy.RollbackDone, 1)
		c.add(bad, done)
		up := make(chan struct{}, 1)
		o := start(t, outbox.Options{Publisher: s, Owed: c.Owed, Known: s.Known, Reconnected: up})
		o.Add(bad, done)
		settle(30 * time.Minute)
		wantIDs(t, "published", s.got(), ids(bad, done))
		s.set(func(s *stream) { s.accepted = nil })
		up <- struct{}{}
		synctest.Wait()
		wantIDs(t, "published after the loss", s.got(), ids(bad, done))
		s.set(func(s *stream) { s.accepted = s.accepted[:1] })
		settle(30 * time.Minute)
		wantIDs(t, "published after a loss without a reconnect", s.got(), ids(bad, done))
	})
}

func TestOverflowIsDerivedAgainInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := &stream{down: true}, &cluster{}
		o := start(t, outbox.Options{Publisher: s, Owed: c.Owed, Known: s.Known, Limit: 8})
		var all []policy.Transition
		for i := range 100 {
			all = append(all, transition([]string{"a", "b", "c"}[i%3], policy.RollbackDone, i))
		}
		for _, tr := range all[:50] {
			c.add(tr)
			o.Add(tr)
			synctest.Wait()
		}
		if st := o.Stats(); st.Depth != 8 || st.Forgotten != 42 {
			t.Errorf("while down: %+v", st)
		}
		s.set(func(s *stream) { s.down = false })
		for _, tr := range all[50:] {
			c.add(tr)
			o.Add(tr)
			settle(time.Second)
		}
		settle(30 * time.Minute)
		for _, w := range []string{"a", "b", "c"} {
			of := func(id string) bool { return !strings.HasPrefix(id, w+"/") }
			wantIDs(t, "published of "+w, slices.DeleteFunc(s.got(), of), slices.DeleteFunc(ids(all...), of))
		}
	})
}

func TestUnreadableStreamIsWrittenAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := &stream{unread: true}, &cluster{}
		old := transition("z", policy.VerdictBad, -5)
		c.add(old)
		o := start(t, outbox.Options{Publisher: s, Owed: c.Owed, Known: s.Known})
		var all []policy.Transition
		for i := range 500 {
			all = append(all, transition("a", policy.RolloutStarted, i))
		}
		o.Add(all...)
		settle(time.Minute)
		wantIDs(t, "published", s.got(), ids(all...))
		if s.scans > 20 {
			t.Errorf("the unreadable stream was read %d times in a minute", s.scans)
		}
		s.set(func(s *stream) { s.unread = false })
		settle(time.Minute)
		wantIDs(t, "published in the end", s.got(), append(ids(all...), old.ID))
	})
}

func TestNothingOwedReadsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := &stream{}, &cluster{}
		start(t, outbox.Options{Publisher: s, Owed: c.Owed, Known: s.Known})
		settle(24 * time.Hour)
		if s.scans != 0 {
			t.Errorf("the stream was read %d times", s.scans)
		}
	})
}

func TestAddOfWhatIsQueuedIsIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := &stream{down: true}, &cluster{}
		bad := transition("a", policy.VerdictBad, 0)
		c.add(bad, bad)
		o := start(t, outbox.Options{Publisher: s, Owed: c.Owed, Known: s.Known})
		o.Add(bad)
		o.Add(bad)
		settle(time.Minute)
		s.set(func(s *stream) { s.down = false })
		settle(time.Hour)
		wantIDs(t, "published", s.got(), ids(bad))
	})
}
