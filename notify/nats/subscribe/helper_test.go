package subscribe_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
	"github.com/undog-dev/undog/notify/nats/embedded"
	"github.com/undog-dev/undog/notify/nats/subscribe"
)

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// server is a real one, with a client that publishes as undog does.
type server struct {
	url    string
	stop   func()
	client *nats.Client
}

func serve(t *testing.T, listen, dir string) *server {
	t.Helper()
	s, err := embedded.Start(embedded.Options{Listen: listen, StoreDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	stop := func() {
		if err := s.Shutdown(within(t)); err != nil {
			t.Error(err)
		}
	}
	c, err := nats.Connect(nats.Options{URL: s.ClientURL()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.WaitConnected(within(t)); err != nil {
		t.Fatal(err)
	}
	return &server{s.ClientURL(), stop, c}
}

func start(t *testing.T) *server {
	t.Helper()
	s := serve(t, "127.0.0.1:0", t.TempDir())
	t.Cleanup(s.stop)
	return s
}

func (s *server) connect(t *testing.T) *natsgo.Conn {
	t.Helper()
	nc, err := subscribe.Connect(subscribe.Server{URL: s.url, Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// event is number n of a kind.
func event(kind string, n int) notify.Event {
	for _, k := range notify.Kinds() {
		if k.Name() == kind {
			return notify.New(k.Noun, k.Verb, fmt.Sprintf("id-%d", n), time.Now(), k.Severity, notify.Data{
				Cluster: "demo", Workload: notify.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: "u"},
				Reason: "CrashLoop", Message: "container app exited 3 times", Revision: notify.Revision{UID: "2", Name: "web-2", Number: 2},
			})
		}
	}
	panic("no such kind: " + kind)
}

// publish tries again as undog's outbox does: a server that is asked for a stream
// while it still deletes one of that name may fail to make its files.
func (s *server) publish(t *testing.T, es ...notify.Event) {
	t.Helper()
	ctx := within(t)
	for _, e := range es {
		err := s.client.Publish(ctx, e)
		for err != nil && ctx.Err() == nil {
			<-time.After(20 * time.Millisecond)
			err = s.client.Publish(ctx, e)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// bad is n events in a row.
func bad(from, to int) []notify.Event {
	var all []notify.Event
	for n := from; n <= to; n++ {
		all = append(all, event("verdict.bad", n))
	}
	return all
}

func ids(from, to int) []string {
	var all []string
	for n := from; n <= to; n++ {
		all = append(all, fmt.Sprintf("id-%d", n))
	}
	return all
}

// collect runs until n events were handled, and returns their ids.
func collect(t *testing.T, n int, opts subscribe.Options) []string {
	t.Helper()
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	var got []string
	handle := opts.Handle
	opts.Handle = func(ctx context.Context, d subscribe.Delivery) error {
		if handle != nil {
			if err := handle(ctx, d); err != nil {
				return err
			}
		}
		if got = append(got, d.ID); len(got) == n {
			cancel()
		}
		return nil
	}
	if err := subscribe.Run(ctx, opts); err != nil {
		t.Fatal(err)
	}
	if len(got) != n {
		t.Fatalf("got %v until the time was up, want %d events", got, n)
	}
	return got
}

func equal(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
