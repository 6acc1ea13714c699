package subscribe_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats/subscribe"
)

var errNotNow = errors.New("not now")

func TestGoesOnWhereItWas(t *testing.T) {
	s := start(t)
	s.publish(t, bad(1, 5)...)
	nc := s.connect(t)
	equal(t, collect(t, 3, subscribe.Options{Conn: nc, Durable: "bot"}), ids(1, 3))
	equal(t, collect(t, 2, subscribe.Options{Conn: nc, Durable: "bot"}), ids(4, 5))
	equal(t, collect(t, 5, subscribe.Options{Conn: nc}), ids(1, 5))
}

func TestSelects(t *testing.T) {
	s := start(t)
	other := event("rollback.done", 3)
	other.Data.Workload.Name = "api"
	s.publish(t, event("verdict.bad", 1), event("rollback.done", 2), other, event("rollout.recovered", 4))
	nc := s.connect(t)
	equal(t, collect(t, 2, subscribe.Options{Conn: nc, Types: []string{"rollback.*"}}), ids(2, 3))
	equal(t, collect(t, 2, subscribe.Options{Conn: nc, Types: []string{"verdict.bad", "*.recovered"}}), []string{"id-1", "id-4"})
	equal(t, collect(t, 1, subscribe.Options{Conn: nc, Workload: "api"}), []string{"id-3"})
	equal(t, collect(t, 1, subscribe.Options{Conn: nc, Durable: "bot", Types: []string{"verdict.*"}}), ids(1, 1))
	// Another selection under the same name goes on where it was.
	equal(t, collect(t, 1, subscribe.Options{Conn: nc, Durable: "bot", Types: []string{"rollout.*"}}), []string{"id-4"})
}

func TestOneThatFailsIsNotOvertaken(t *testing.T) {
	s := start(t)
	s.publish(t, bad(1, 3)...)
	var tries []uint64
	got := collect(t, 3, subscribe.Options{
		Conn: s.connect(t), Durable: "bot", MinWait: time.Millisecond,
		Handle: func(_ context.Context, d subscribe.Delivery) error {
			if d.ID != "id-2" {
				return nil
			}
			if tries = append(tries, d.Tries); d.Tries < 4 {
				return errNotNow
			}
			return nil
		},
	})
	equal(t, got, ids(1, 3))
	if len(tries) != 4 {
		t.Errorf("tried %v, want four times", tries)
	}
}

func TestWhatIsGivenUp(t *testing.T) {
	s := start(t)
	s.publish(t, bad(1, 4)...)
	gaveUp := map[string]error{}
	got := collect(t, 2, subscribe.Options{
		Conn: s.connect(t), MinWait: time.Millisecond, MaxTries: 3,
		Handle: func(_ context.Context, d subscribe.Delivery) error {
			switch d.ID {
			case "id-1":
				return notify.Permanent(errNotNow)
			case "id-2":
				return subscribe.After(time.Millisecond, errNotNow)
			}
			return nil
		},
		GaveUp: func(d subscribe.Delivery, err error) {
			gaveUp[d.ID] = err
			if want := map[string]uint64{"id-1": 1, "id-2": 3}[d.ID]; d.Tries != want {
				t.Errorf("%s was given up after %d tries, want %d", d.ID, d.Tries, want)
			}
		},
	})
	equal(t, got, ids(3, 4))
	if len(gaveUp) != 2 || !errors.Is(gaveUp["id-1"], errNotNow) || !errors.Is(gaveUp["id-2"], errNotNow) {
		t.Errorf("gave up %v", gaveUp)
	}
}

// TestRepeatedIDsAreDropped stores one event twice, as undog does when the
// stream lost one and its memory of ids did not.
func TestRepeatedIDsAreDropped(t *testing.T) {
	s := start(t)
	s.publish(t, bad(1, 1)...)
	nc := s.connect(t)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	b, err := notify.Encode(event("verdict.bad", 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range [][]byte{b, []byte("no event")} {
		if _, err := js.Publish(within(t), "undog.v1.event.demo.shop.deployment.web.verdict.bad", body); err != nil {
			t.Fatal(err)
		}
	}
	s.publish(t, bad(2, 2)...)
	equal(t, collect(t, 2, subscribe.Options{Conn: nc}), ids(1, 2))
}

func TestDeadline(t *testing.T) {
	s := start(t)
	s.publish(t, bad(1, 2)...)
	late := 0
	got := collect(t, 2, subscribe.Options{
		Conn: s.connect(t), MinWait: time.Millisecond, Deadline: 20 * time.Millisecond,
		Handle: func(ctx context.Context, d subscribe.Delivery) error {
			if d.ID == "id-1" && d.Tries == 1 {
				late++
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		},
	})
	equal(t, got, ids(1, 2))
	if late != 1 {
		t.Errorf("the first was late %d times, want once", late)
	}
}

// TestSlowHandlerKeepsItsEvent works for longer than the server waits for a
// sign of life.
func TestSlowHandlerKeepsItsEvent(t *testing.T) {
	s := start(t)
	s.publish(t, bad(1, 2)...)
	got := collect(t, 2, subscribe.Options{
		Conn: s.connect(t), AckWait: 300 * time.Millisecond,
		Handle: func(ctx context.Context, d subscribe.Delivery) error {
			if d.Tries > 1 {
				t.Errorf("%s was delivered %d times", d.ID, d.Tries)
			}
			if d.ID == "id-1" {
				select {
				case <-time.After(1200 * time.Millisecond):
				case <-ctx.Done():
				}
			}
			return ctx.Err()
		},
	})
	equal(t, got, ids(1, 2))
}

func TestBadInput(t *testing.T) {
	s := start(t)
	nc := s.connect(t)
	handle := func(context.Context, subscribe.Delivery) error { return nil }
	for want, opts := range map[string]subscribe.Options{
		"Conn is nil":           {Handle: handle},
		"Handle is nil":         {Conn: nc},
		`Durable "a.b"`:         {Conn: nc, Handle: handle, Durable: "a.b"},
		"New and Since 2026-01": {Conn: nc, Handle: handle, New: true, Since: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)},
		"Deadline -1s":          {Conn: nc, Handle: handle, Deadline: -time.Second},
		`type "verdict"`:        {Conn: nc, Handle: handle, Types: []string{"verdict"}},
		`type "Verdict.bad"`:    {Conn: nc, Handle: handle, Types: []string{"Verdict.bad"}},
		"in common":             {Conn: nc, Handle: handle, Types: []string{"verdict.*", "*.bad"}},
		`namespace "A"`:         {Conn: nc, Handle: handle, Namespace: "A"},
	} {
		err := subscribe.Run(within(t), opts)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
	if _, err := subscribe.Connect(subscribe.Server{}); err == nil || !strings.Contains(err.Error(), "URL is empty") {
		t.Errorf("got error %v", err)
	}
}
