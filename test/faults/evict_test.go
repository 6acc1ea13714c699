package faults_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify/nats"
)

// limit changes the limits of the stream.
func (s *stage) limit(change func(*jetstream.StreamConfig)) {
	s.t.Helper()
	s.admin(func(ctx context.Context, js jetstream.JetStream) error {
		stream, err := js.Stream(ctx, nats.StreamName)
		if err != nil {
			return err
		}
		cfg := stream.CachedInfo().Config
		// When it changes a stream, the server reckons ages by the clock outside the bubble.
		cfg.MaxAge = 0
		change(&cfg)
		_, err = js.UpdateStream(ctx, cfg)
		return err
	})
}

// A stream that has room for a few events lets go of the oldest, which were
// received: they are not told again and again.
func TestEvicting(t *testing.T) {
	const room = 20
	for name, tt := range map[string]struct {
		order int
		fault string
		limit func(*jetstream.StreamConfig)
		purge bool
		// again is how much is lost.
		again int
	}{
		"max_msgs":  {44, "the stream keeps 20 events (max_msgs, discard old)", func(c *jetstream.StreamConfig) { c.MaxMsgs = room }, false, 0},
		"max_bytes": {45, "the stream keeps 24 KiB (max_bytes, discard old)", func(c *jetstream.StreamConfig) { c.MaxBytes = 24 << 10 }, false, 0},
		"purged":    {46, "a stream that keeps 20 events (max_msgs, discard old) is purged", func(c *jetstream.StreamConfig) { c.MaxMsgs = room }, true, room},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(s *stage) {
				s.releases(4, time.Minute)
				s.limit(tt.limit)
				s.releases(20, time.Minute)
				if tt.purge {
					s.let(15 * time.Minute) // What was evicted is known by then.
					s.admin(func(ctx context.Context, js jetstream.JetStream) error {
						stream, err := js.Stream(ctx, nats.StreamName)
						if err != nil {
							return err
						}
						return stream.Purge(ctx)
					})
					// What is told again needs all the room: what is new would push it out.
					s.let(15 * time.Minute)
				}
				d := s.fault(24, 40*time.Second)
				row := s.received(tt.order, tt.fault, d)
				s.let(2 * time.Hour)
				if s.sub.again != tt.again {
					t.Errorf("%d told again, want %d", s.sub.again, tt.again)
				}
				if n := s.now.client.Evicted(); n == 0 {
					t.Error("nothing was evicted")
				}
				if row.Again == 0 && strings.Contains(s.log.String(), "the stream lost") {
					t.Error("a loss was told of, and there was none")
				}
			})
		})
	}
}
