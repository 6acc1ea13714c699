package outbox_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undog-dev/undog/notify/outbox"
	"github.com/undog-dev/undog/policy"
)

func TestPublishesInOrderAcrossAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stream{down: true}
		o := start(t, outbox.Options{Publisher: s})
		var all []policy.Transition
		for i := range 50 {
			all = append(all, transition([]string{"a", "b", "c"}[i%3], policy.RollbackDone, i))
		}
		o.Add(all[:20]...)
		settle(time.Hour)
		if st := o.Stats(); st.Depth != 20 || st.Oldest < time.Hour || st.Retried == 0 || st.Published != 0 {
			t.Errorf("while down: %+v", st)
		}
		o.Add(all[20:]...)
		s.set(func(s *stream) { s.down = false })
		if err := o.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantIDs(t, "published", s.got(), ids(all...))
		if st := o.Stats(); st.Depth != 0 || st.Published != 50 || st.Oldest != 0 {
			t.Errorf("afterwards: %+v", st)
		}
	})
}

func TestReconnectEndsThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stream{down: true}
		up := make(chan struct{}, 1)
		o := start(t, outbox.Options{Publisher: s, Reconnected: up, MinWait: time.Hour, MaxWait: 24 * time.Hour})
		a := transition("a", policy.RollbackDone, 0)
		o.Add(a)
		synctest.Wait()
		s.set(func(s *stream) { s.down = false })
		o.Add(transition("a", policy.RolloutRecovered, 1))
		synctest.Wait()
		wantIDs(t, "during the pause", s.got(), nil)
		up <- struct{}{}
		synctest.Wait()
		wantIDs(t, "after the reconnect", s.got(), []string{a.ID, "a/rollout.recovered/1"})
	})
}

func TestRejectedEventDoesNotBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := &stream{}, &cluster{}
		bad, good := transition("a", policy.VerdictBad, 0), transition("a", policy.RollbackDone, 1)
		s.reject = map[string]bool{bad.ID: true}
		c.add(bad, good)
		o := start(t, outbox.Options{Publisher: s, Owed: c.Owed, Known: s.Known})
		o.Add(bad, good)
		settle(3 * time.Hour)
		wantIDs(t, "published", s.got(), ids(good))
		if st := o.Stats(); st.Failed != 1 || st.Published != 1 || st.Depth != 0 {
			t.Errorf("%+v", st)
		}
	})
}

func TestBestEffortIsShedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stream{down: true}
		o := start(t, outbox.Options{Publisher: s, Limit: 4})
		started := []policy.Transition{
			transition("a", policy.RolloutStarted, 0), transition("b", policy.RolloutStarted, 1),
			transition("c", policy.RolloutStarted, 2), transition("d", policy.RolloutStarted, 3),
		}
		o.Add(started...)
		synctest.Wait()
		bad, done := transition("a", policy.VerdictBad, 4), transition("a", policy.RollbackDone, 5)
		o.Add(transition("e", policy.RolloutStarted, 3), bad, done)
		if st := o.Stats(); st.Depth != 4 || st.Shed != 3 || st.Forgotten != 0 {
			t.Errorf("%+v", st)
		}
		s.set(func(s *stream) { s.down = false })
		if err := o.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		// The first may have been on its way, so it stays.
		wantIDs(t, "published", s.got(), ids(started[0], started[3], bad, done))
	})
}

func TestDrainSaysWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stream{down: true}
		o := start(t, outbox.Options{Publisher: s})
		o.Add(transition("a", policy.RollbackDone, 0), transition("a", policy.RolloutRecovered, 1))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		err := o.Drain(ctx)
		var left *outbox.LeftError
		if !errors.As(err, &left) || left.Events != 2 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	_, err := outbox.New(outbox.Options{Cluster: "a.b", Owed: (&cluster{}).Owed})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"Publisher", `cluster "a.b"`, "Owed and Known"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}
