package subscribe_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify/nats/subscribe"
)

// follow runs in the background and hands out the ids that are handled.
func follow(t *testing.T, opts subscribe.Options) func() string {
	t.Helper()
	ctx, cancel := context.WithCancel(within(t))
	got := make(chan string, 64)
	opts.Handle = func(ctx context.Context, d subscribe.Delivery) error {
		select {
		case got <- d.ID:
		case <-ctx.Done():
		}
		return ctx.Err()
	}
	done := make(chan error, 1)
	go func() { done <- subscribe.Run(ctx, opts) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return func() string {
		select {
		case id := <-got:
			return id
		case err := <-done:
			done <- nil
			return "ended: " + errors.Join(err).Error()
		case <-ctx.Done():
			return "nothing until the time was up"
		}
	}
}

func TestServerGoesAwayAndComesBack(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, "127.0.0.1:0", dir)
	next := follow(t, subscribe.Options{Conn: s.connect(t), Durable: "bot", MinWait: 10 * time.Millisecond})
	s.publish(t, bad(1, 2)...)
	equal(t, []string{next(), next()}, ids(1, 2))
	s.stop()
	again := serve(t, strings.TrimPrefix(s.url, "nats://"), dir)
	t.Cleanup(again.stop)
	again.publish(t, bad(3, 4)...)
	equal(t, []string{next(), next()}, ids(3, 4))
}

func TestStreamIsMadeAnew(t *testing.T) {
	s := start(t)
	nc := s.connect(t)
	for _, durable := range []string{"bot", ""} {
		s.publish(t, bad(1, 2)...)
		next := follow(t, subscribe.Options{Conn: nc, Durable: durable, MinWait: 10 * time.Millisecond})
		equal(t, []string{next(), next()}, ids(1, 2))
		js, err := jetstream.New(nc)
		if err != nil {
			t.Fatal(err)
		}
		if err := js.DeleteStream(within(t), subscribe.DefaultStream); err != nil {
			t.Fatal(err)
		}
		// undog heals the stream: what was there is stored anew.
		s.publish(t, bad(1, 3)...)
		equal(t, []string{next()}, ids(3, 3))
		if err := js.DeleteStream(within(t), subscribe.DefaultStream); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStreamComesLater(t *testing.T) {
	s := start(t)
	next := follow(t, subscribe.Options{Conn: s.connect(t), Durable: "bot", MinWait: 10 * time.Millisecond})
	s.publish(t, bad(1, 1)...)
	equal(t, []string{next()}, ids(1, 1))
}

func TestConsumerOfAnotherKind(t *testing.T) {
	s := start(t)
	s.publish(t, bad(1, 1)...)
	nc := s.connect(t)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateConsumer(within(t), subscribe.DefaultStream, jetstream.ConsumerConfig{Durable: "bot", AckPolicy: jetstream.AckNonePolicy}); err != nil {
		t.Fatal(err)
	}
	err = subscribe.Run(within(t), subscribe.Options{Conn: nc, Durable: "bot", Handle: func(context.Context, subscribe.Delivery) error { return nil }})
	if err == nil || !strings.Contains(err.Error(), "choose another Durable") {
		t.Errorf("got error %v", err)
	}
}
