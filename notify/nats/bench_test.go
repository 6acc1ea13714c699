package nats_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
)

// benchServer is a server that writes to disk before it acknowledges, or not.
func benchServer(b *testing.B, synced bool) *server.Server {
	b.Helper()
	ns, err := server.NewServer(&server.Options{
		DontListen: true, JetStream: true, StoreDir: b.TempDir(), NoSigs: true, NoLog: true, SyncAlways: synced,
		JetStreamMaxMemory: 1 << 20, JetStreamMaxStore: 1 << 30,
	})
	if err != nil {
		b.Fatal(err)
	}
	go ns.Start()
	b.Cleanup(func() {
		ns.Shutdown()
		ns.WaitForShutdown()
	})
	if !ns.ReadyForConnections(patience) {
		b.Fatal("the server is not ready")
	}
	return ns
}

// BenchmarkEvent publishes one event after the other, as the outbox does, until
// a subscriber has it, in turn with the same bytes published by nats.go alone:
// ratio is how much longer undog's publishing takes than that.
func BenchmarkEvent(b *testing.B) {
	for name, synced := range map[string]bool{"synced": true, "unsynced": false} {
		b.Run(name, func(b *testing.B) { benchmarkEvent(b, benchServer(b, synced)) })
	}
}

func benchmarkEvent(b *testing.B, ns *server.Server) {
	c := connect(b, nats.Options{InProcess: ns})
	ctx := within(b)
	if err := c.WaitConnected(ctx); err != nil {
		b.Fatal(err)
	}
	if err := c.Ensure(ctx); err != nil {
		b.Fatal(err)
	}
	nc, err := natsgo.Connect("", natsgo.InProcessServer(ns))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		b.Fatal(err)
	}
	got := subscribe(b, js)
	var own, bare time.Duration
	var seen []time.Duration
	n := 0
	for b.Loop() {
		n++
		e := event("web", 1)
		e.ID = fmt.Sprint("event-", n)
		start := time.Now()
		if err := c.Publish(ctx, e); err != nil {
			b.Fatal(err)
		}
		own += time.Since(start)
		await(b, got)
		seen = append(seen, time.Since(start))
		bare += publishBare(b, js, e, n)
		await(b, got)
	}
	slices.Sort(seen)
	b.ReportMetric(float64(n)/own.Seconds(), "events/s")
	b.ReportMetric(own.Seconds()/bare.Seconds(), "ratio")
	b.ReportMetric(float64(seen[len(seen)/2].Microseconds()), "µs-to-subscriber-p50")
	b.ReportMetric(float64(seen[len(seen)*99/100].Microseconds()), "µs-to-subscriber-p99")
}

// subscribe receives once for each message that is delivered.
func subscribe(b *testing.B, js jetstream.JetStream) <-chan struct{} {
	b.Helper()
	consumer, err := js.OrderedConsumer(within(b), nats.StreamName, jetstream.OrderedConsumerConfig{})
	if err != nil {
		b.Fatal(err)
	}
	got := make(chan struct{}, 16)
	reading, err := consumer.Consume(func(jetstream.Msg) { got <- struct{}{} })
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(reading.Stop)
	return got
}

func await(b *testing.B, got <-chan struct{}) {
	b.Helper()
	select {
	case <-got:
	case <-time.After(patience):
		b.Fatal("the subscriber got nothing")
	}
}

// publishBare publishes what undog would, without undog.
func publishBare(b *testing.B, js jetstream.JetStream, e notify.Event, n int) time.Duration {
	b.Helper()
	data, err := notify.Encode(e)
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	if _, err := js.Publish(context.Background(), "undog.v1.event.demo.shop.deployment.web.rollback.done", data, jetstream.WithMsgID(fmt.Sprint("bare-", n))); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}
