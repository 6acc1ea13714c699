package nats_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
	"github.com/undog-dev/undog/notify/outbox"
)

// journal is a log that may be read while it is written.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) count(s string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Count(j.buf.String(), s)
}

// The stream is emptied or removed while undog runs, and while the server still
// remembers the ids: everything is there again, and a warning says why.
func TestLostEventsComeBack(t *testing.T) {
	for name, lose := range map[string]func(t *testing.T, js jetstream.JetStream){
		"purged": func(t *testing.T, js jetstream.JetStream) {
			s, err := js.Stream(within(t), nats.StreamName)
			if err == nil {
				err = s.Purge(within(t))
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		"one message deleted": func(t *testing.T, js jetstream.JetStream) {
			s, err := js.Stream(within(t), nats.StreamName)
			if err == nil {
				err = s.DeleteMsg(within(t), 2)
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		"removed": func(t *testing.T, js jetstream.JetStream) {
			if err := js.DeleteStream(within(t), nats.StreamName); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, js := online(t, nats.Options{Cluster: "demo"})
			all, log := &owed{}, &journal{}
			all.add(transition("web", 0), transition("web", 1), transition("web", 2))
			var looks atomic.Int64
			// A server that is asked for a stream that it is just removing may
			// make one that is broken.
			var removing sync.Mutex
			o := run(t, outbox.Options{
				Publisher: c, Reconnected: c.Reconnected(), Owed: all.get, Known: c.Known,
				Holding: func(ctx context.Context) (notify.Holding, error) {
					removing.Lock()
					defer removing.Unlock()
					looks.Add(1)
					return c.Holding(ctx)
				},
				LookEvery: 5 * time.Millisecond, Log: slog.New(slog.NewTextHandler(log, nil)),
			})
			eventually(t, "all events published", func() bool { return o.Stats().Published == 3 })
			// A look that begins from here on shows what there is to lose.
			seen := looks.Load()
			eventually(t, "a look", func() bool { return looks.Load() > seen+1 })
			removing.Lock()
			lose(t, js)
			removing.Unlock()
			eventually(t, "a warning", func() bool { return log.count("the stream lost events") > 0 })
			eventually(t, "an empty queue", func() bool { return o.Stats().Depth == 0 })
			known, err := c.Known(within(t), time.Now().Add(-time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range []string{"web-0", "web-1", "web-2"} {
				if !known(id) {
					t.Errorf("%s is not in the stream", id)
				}
			}
			if n := log.count("the stream lost events"); n != 1 {
				t.Errorf("%d warnings, want 1", n)
			}
		})
	}
}
