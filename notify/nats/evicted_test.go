package nats_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify/nats"
	"github.com/undog-dev/undog/notify/nats/embedded"
	"github.com/undog-dev/undog/notify/outbox"
)

// limited is a stream that lets go of what it acknowledged.
type limited struct {
	limit func(*jetstream.StreamConfig)
	// kept is how many events it keeps at most, of those that are published.
	kept int
	opts nats.Options
}

// howMany events are told to a stream that has no room for all.
const howMany = 40

var limitedStreams = map[string]limited{
	"max_msgs":  {func(c *jetstream.StreamConfig) { c.MaxMsgs = 10 }, 10, nats.Options{}},
	"max_bytes": {func(c *jetstream.StreamConfig) { c.MaxBytes = 12 << 10 }, howMany / 2, nats.Options{}},
	"max_age":   {func(c *jetstream.StreamConfig) { c.MaxAge = time.Second }, 0, nats.Options{Manage: nats.ManageNone}},
}

// box is an outbox in front of a client, with a log.
func box(t *testing.T, c *nats.Client, all *owed) (*outbox.Outbox, *journal) {
	t.Helper()
	log := &journal{}
	return run(t, outbox.Options{
		Publisher: c, Reconnected: c.Reconnected(), Owed: all.get, Known: c.Known, Holding: c.Holding,
		Interval: 10 * time.Millisecond, LookEvery: 5 * time.Millisecond, Log: slog.New(slog.NewTextHandler(log, nil)),
	}), log
}

// compared waits for so many more comparisons after which nothing waits.
func compared(t *testing.T, o *outbox.Outbox, n int) {
	t.Helper()
	last := o.Stats().LastReconciled
	eventually(t, "comparisons", func() bool {
		if s := o.Stats(); s.Depth == 0 && s.LastReconciled.After(last) {
			last, n = s.LastReconciled, n-1
		}
		return n <= 0
	})
}

// What a stream evicts by its own limits is gone, and not published again; a
// restart of undog, which knows of nothing then, does so once.
func TestEvictedEventsAreNotPublishedAgain(t *testing.T) {
	for name, tt := range limitedStreams {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := serve(t, embedded.Options{})
			js := bare(t, s)
			cfg := jetstream.StreamConfig{Name: nats.StreamName, Subjects: []string{"undog.v1.event.>"}, Storage: jetstream.FileStorage, Duplicates: 100 * time.Millisecond}
			tt.limit(&cfg)
			if _, err := js.CreateStream(within(t), cfg); err != nil {
				t.Fatal(err)
			}
			tt.opts.InProcess, tt.opts.Cluster = s, "demo"
			all := &owed{}
			for i := range howMany {
				all.add(transition(fmt.Sprint("web-", i/2), i%2))
			}
			for _, round := range []string{"first", "restarted"} {
				t.Run(round, func(t *testing.T) {
					c := connect(t, tt.opts)
					o, log := box(t, c, all)
					eventually(t, "an eviction", func() bool { return c.Evicted() > 0 && holds(t, js) <= tt.kept })
					compared(t, o, 20)
					// One that goes while the stream is read may be told once more.
					if n := o.Stats().Published; n > howMany*5/4 {
						t.Errorf("%d published, want about %d at most", n, howMany)
					}
					if n := log.count("lost events"); n > 0 {
						t.Errorf("%d losses told, want none", n)
					}
				})
			}
		})
	}
}

// holds is how many messages the stream has.
func holds(t *testing.T, js jetstream.JetStream) int {
	t.Helper()
	s, err := js.Stream(within(t), nats.StreamName)
	if err != nil {
		t.Fatal(err)
	}
	return int(s.CachedInfo().State.Msgs)
}

// What somebody removes from such a stream is lost, and told again; what was
// evicted before stays away.
func TestLostEventsOfALimitedStreamComeBack(t *testing.T) {
	for _, name := range []string{"max_msgs", "max_bytes"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, js := online(t, nats.Options{Cluster: "demo"})
			cfg := jetstream.StreamConfig{Name: nats.StreamName, Subjects: []string{"undog.v1.event.>"}, Storage: jetstream.FileStorage}
			limitedStreams[name].limit(&cfg)
			stream, err := js.CreateStream(within(t), cfg)
			if err != nil {
				t.Fatal(err)
			}
			all := &owed{}
			for i := range howMany {
				all.add(transition(fmt.Sprint("web-", i/2), i%2))
			}
			o, _ := box(t, c, all)
			eventually(t, "an eviction", func() bool { return o.Stats().Published == howMany && c.Evicted() > 0 })
			compared(t, o, 2)
			before := stored(t, js)
			if err := stream.Purge(within(t)); err != nil {
				t.Fatal(err)
			}
			eventually(t, "what was lost", func() bool { return holds(t, js) >= len(before) })
			compared(t, o, 5)
			after := map[string]bool{}
			for _, id := range stored(t, js) {
				after[strings.Split(id, "#")[0]] = true
			}
			for _, id := range before {
				if !after[id] {
					t.Errorf("%s is lost", id)
				}
			}
			if n := o.Stats().Published; n != howMany+uint64(len(before)) {
				t.Errorf("%d published, want %d and once more the %d that were lost", n, howMany, len(before))
			}
		})
	}
}
