package faults_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
)

func TestStreamDeleted(t *testing.T) {
	play(t, func(s *stage) {
		s.releases(12, time.Minute)
		s.admin(func(ctx context.Context, js jetstream.JetStream) error { return js.DeleteStream(ctx, nats.StreamName) })
		d := s.fault(12, 5*time.Second)
		s.told(40, "the stream is deleted", d)
		s.wantLog("the stream lost events")
	})
}

func TestStreamMadeAgain(t *testing.T) {
	play(t, func(s *stage) {
		s.releases(12, time.Minute)
		s.admin(func(ctx context.Context, js jetstream.JetStream) error {
			return remake(ctx, js, jetstream.LimitsPolicy)
		})
		d := s.fault(12, 5*time.Second)
		s.told(41, "the stream is deleted and made again by somebody else", d)
		s.wantLog("the stream lost events")
	})
}

func TestStreamPurged(t *testing.T) {
	play(t, func(s *stage) {
		s.releases(12, time.Minute)
		s.admin(func(ctx context.Context, js jetstream.JetStream) error {
			stream, err := js.Stream(ctx, nats.StreamName)
			if err != nil {
				return err
			}
			return stream.Purge(ctx)
		})
		d := s.fault(12, 5*time.Second)
		s.told(42, "the stream is purged", d)
		s.wantLog("the stream lost events")
	})
}

// A stream that drops what nobody listens to acknowledges it all the same.
func TestWrongRetention(t *testing.T) {
	play(t, func(s *stage) {
		s.releases(12, time.Minute)
		s.admin(func(ctx context.Context, js jetstream.JetStream) error {
			return remake(ctx, js, jetstream.InterestPolicy)
		})
		d := s.fault(12, time.Minute)
		s.wantLog("its retention is interest, must be limits")
		s.admin(func(ctx context.Context, js jetstream.JetStream) error { return js.DeleteStream(ctx, nats.StreamName) })
		s.told(43, "the stream is made again with interest retention, and put right after 12 minutes", d)
	})
}

func TestLimitReached(t *testing.T) {
	play(t, func(s *stage) {
		s.releases(4, time.Minute)
		limit := func(bytes int64) {
			s.admin(func(ctx context.Context, js jetstream.JetStream) error {
				stream, err := js.Stream(ctx, nats.StreamName)
				if err != nil {
					return err
				}
				cfg := stream.CachedInfo().Config
				// When it changes a stream, the server reckons ages by the clock outside the bubble.
				cfg.MaxBytes, cfg.Discard, cfg.MaxAge = bytes, jetstream.DiscardNew, 0
				_, err = js.UpdateStream(ctx, cfg)
				return err
			})
		}
		limit(16 << 10)
		d := s.fault(24, time.Minute)
		s.wantLog("maximum bytes exceeded")
		limit(-1)
		row := s.told(50, "the stream is full (max_bytes, discard new) until its limit is raised", d)
		if row.Again != 0 {
			t.Errorf("%d told again though nothing was lost", row.Again)
		}
	})
}

func TestAccountLimitReached(t *testing.T) {
	play(t, func(s *stage) {
		s.releases(4, time.Minute)
		s.down()
		was := s.opts.JetStreamMaxStore
		s.opts.JetStreamMaxStore = 24 << 10
		s.up()
		d := s.fault(24, time.Minute)
		s.wantLog("insufficient")
		s.down()
		s.opts.JetStreamMaxStore = was
		s.up()
		s.told(51, "the server's storage limit is reached until it is raised", d)
	})
}

func TestPermissionDenied(t *testing.T) {
	play(t, func(s *stage) {
		s.releases(4, time.Minute)
		s.reload(func(o *server.Options) {
			o.Users = []*server.User{
				{Username: "undog", Password: "undog", Permissions: &server.Permissions{Publish: &server.SubjectPermission{Deny: []string{notify.AllSubjects}}}},
				{Username: "reader", Password: "reader"},
			}
		})
		d := s.fault(24, time.Minute)
		s.wantLog("permission")
		s.reload(func(o *server.Options) {
			o.Users = []*server.User{{Username: "undog", Password: "undog"}, {Username: "reader", Password: "reader"}}
		})
		s.told(60, "the right to publish is taken away for 24 minutes", d)
	})
}

// remake deletes the stream and makes it as it was, but for its retention. The server
// clears folders away when it has answered, and may take those of the new stream with
// them; undog may be there first. Neither is what the rows are about.
func remake(ctx context.Context, js jetstream.JetStream, retention jetstream.RetentionPolicy) error {
	stream, err := js.Stream(ctx, nats.StreamName)
	if err != nil {
		return err
	}
	cfg := stream.CachedInfo().Config
	cfg.Retention = retention
	for range 10 {
		if err := js.DeleteStream(ctx, nats.StreamName); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
			return err
		}
		if _, err = js.CreateStream(ctx, cfg); err == nil {
			return nil
		}
		synctest.Wait()
	}
	return err
}

// wantLog fails unless the log says so.
func (s *stage) wantLog(text string) {
	s.t.Helper()
	if !strings.Contains(s.log.String(), text) {
		s.t.Errorf("the log does not tell of %q", text)
	}
}
