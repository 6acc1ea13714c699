package nats_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
	"github.com/undog-dev/undog/notify/nats/embedded"
	"github.com/undog-dev/undog/notify/outbox"
)

func TestRoundTrip(t *testing.T) {
	c, js := online(t, nats.Options{})
	for _, name := range []string{"web", "a.b", strings.Repeat("x.", 126) + "y"} {
		e := event(name, 1)
		for range 2 {
			if err := c.Publish(within(t), e); err != nil {
				t.Fatal(err)
			}
		}
		want, err := notify.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		var got []nats.Received
		if err := c.Tail(within(t), nats.TailOptions{Workload: name}, func(r nats.Received) error {
			got = append(got, r)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		subject := "undog.v1.event.demo.shop.deployment." + strings.ReplaceAll(name, ".", "_") + ".rollback.done"
		if len(got) != 1 || got[0].ID != e.ID || !bytes.Equal(got[0].Raw, want) || got[0].Subject != subject {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	if c.Duplicates() != 3 {
		t.Errorf("%d duplicates seen, want 3", c.Duplicates())
	}
	s, err := js.Stream(within(t), nats.StreamName)
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.GetMsg(within(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("Content-Type") != "application/cloudevents+json" || m.Header.Get("Nats-Msg-Id") != "web-1" {
		t.Errorf("headers %v", m.Header)
	}
	if st := c.Status(); !st.Connected || !st.Stream || st.LastError != nil {
		t.Errorf("status %+v", st)
	}
}

func TestHostileNamesAreRejectedForGood(t *testing.T) {
	c, js := online(t, nats.Options{})
	if err := c.Ensure(within(t)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "*", ">", "a b", "a..b", "a\r\nPUB x 0", "a_b"} {
		if err := c.Publish(within(t), event(name, 1)); !notify.IsPermanent(err) {
			t.Errorf("%q: got error %v, want a permanent one", name, err)
		}
	}
	if ids := stored(t, js); len(ids) != 0 {
		t.Errorf("stored %v", ids)
	}
}

func TestServerDownAtStart(t *testing.T) {
	first, stop := serve(t, embedded.Options{Listen: "127.0.0.1:0"})
	url := first.ClientURL()
	stop()
	c := connect(t, nats.Options{URL: url})
	o := run(t, outbox.Options{Publisher: c, Reconnected: c.Reconnected()})
	o.Add(transition("web", 0), transition("web", 1))
	if err := c.Publish(within(t), event("api", 1)); !errors.Is(err, nats.ErrNotConnected) || notify.IsPermanent(err) {
		t.Errorf("got error %v", err)
	}
	eventually(t, "a failed try", func() bool { return o.Stats().Retried > 1 })
	if st := c.Status(); st.Connected || st.Stream || st.LastError == nil {
		t.Errorf("status %+v", st)
	}
	s, _ := serve(t, embedded.Options{Listen: strings.TrimPrefix(url, "nats://")})
	if err := o.Drain(within(t)); err != nil {
		t.Fatal(err)
	}
	if got := stored(t, bare(t, s)); !slices.Equal(got, []string{"web-0", "web-1"}) {
		t.Errorf("stored %v", got)
	}
}

func TestLostAcknowledgement(t *testing.T) {
	s, _ := serve(t, embedded.Options{Listen: "127.0.0.1:0"})
	p := newProxy(t, s.ClientURL())
	c := connect(t, nats.Options{URL: p.url(), Timeout: 200 * time.Millisecond})
	if err := c.WaitConnected(within(t)); err != nil {
		t.Fatal(err)
	}
	if err := c.Ensure(within(t)); err != nil {
		t.Fatal(err)
	}
	js := bare(t, s)
	p.setSwallow(true)
	if err := c.Publish(within(t), event("web", 0)); !errors.Is(err, context.DeadlineExceeded) || notify.IsPermanent(err) {
		t.Errorf("got error %v, want one worth a retry", err)
	}
	eventually(t, "the message in the stream", func() bool { return len(stored(t, js)) == 1 })
	o := run(t, outbox.Options{Publisher: c, Reconnected: c.Reconnected()})
	o.Add(transition("web", 0), transition("web", 1))
	eventually(t, "a try without an answer", func() bool { return o.Stats().Retried > 0 })
	p.setSwallow(false)
	p.cut()
	if err := o.Drain(within(t)); err != nil {
		t.Fatal(err)
	}
	if got := stored(t, js); !slices.Equal(got, []string{"web-0", "web-1"}) {
		t.Errorf("stored %v", got)
	}
	if o.Stats().Duplicates == 0 {
		t.Error("no duplicate was recognised")
	}
}

func TestDeletedStreamIsCreatedAgainAndHealed(t *testing.T) {
	c, js := online(t, nats.Options{})
	all := &owed{}
	o := run(t, outbox.Options{Publisher: c, Reconnected: c.Reconnected(), Owed: all.get, Known: c.Known})
	all.add(transition("web", 0), transition("web", 1))
	o.Add(all.get()...)
	if err := o.Drain(within(t)); err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(within(t), nats.StreamName); err != nil {
		t.Fatal(err)
	}
	o.Add(transition("api", 0))
	if err := o.Drain(within(t)); err != nil {
		t.Fatal(err)
	}
	if got := stored(t, js); !slices.Equal(got, []string{"api-0"}) {
		t.Errorf("stored %v", got)
	}
	o.Reconcile()
	eventually(t, "the lost events in the stream", func() bool { return len(stored(t, js)) == 3 })
	if got := stored(t, js); !slices.Equal(got, []string{"api-0", "web-0", "web-1"}) {
		t.Errorf("stored %v", got)
	}
}

func TestConnectRefusesWhatCanNeverWork(t *testing.T) {
	for want, opts := range map[string]nats.Options{
		"nats.url is empty":               {},
		"nats.url: not a URL":             {URL: "nats://:secret%zz@host"},
		`scheme "http"`:                   {URL: "http://localhost:4222"},
		"there is no host":                {URL: "nats://"},
		`nats.credentials "/nowhere/abc"`: {URL: "nats://localhost", Credentials: "/nowhere/abc"},
		"nats.inboxPrefix":                {URL: "nats://localhost", InboxPrefix: "a.>"},
		"max age":                         {URL: "nats://localhost", MaxAge: time.Hour},
		`cluster "a b"`:                   {URL: "nats://localhost", Cluster: "a b"},
	} {
		_, err := nats.Connect(opts)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
}

func TestErrorsHoldNoPassword(t *testing.T) {
	first, stop := serve(t, embedded.Options{Listen: "127.0.0.1:0"})
	host := strings.TrimPrefix(first.ClientURL(), "nats://")
	stop()
	c := connect(t, nats.Options{URL: "nats://gina:hush@" + host + ",token@" + host})
	err := c.Publish(within(t), event("web", 1))
	if err == nil || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "token") || !strings.Contains(err.Error(), host) {
		t.Errorf("got error %v", err)
	}
}

func BenchmarkPublish(b *testing.B) {
	c, _ := online(b, nats.Options{})
	ctx := context.Background()
	n := 0
	for b.Loop() {
		n++
		e := event("web", 1)
		e.ID = fmt.Sprint("bench-", n)
		if err := c.Publish(ctx, e); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkKnown(b *testing.B) {
	c, js := online(b, nats.Options{})
	ctx := context.Background()
	if err := c.Ensure(ctx); err != nil {
		b.Fatal(err)
	}
	for n := range 10000 {
		if _, err := js.PublishAsync("undog.v1.event.demo.shop.deployment.web.rollback.done", nil, jetstream.WithMsgID(fmt.Sprint(n))); err != nil {
			b.Fatal(err)
		}
		if n%1000 == 999 {
			<-js.PublishAsyncComplete()
		}
	}
	for b.Loop() {
		known, err := c.Known(ctx, time.Unix(0, 0))
		if err != nil || !known("9999") {
			b.Fatal(err)
		}
	}
}
