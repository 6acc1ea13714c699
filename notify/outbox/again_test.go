package outbox_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undog-dev/undog/notify/outbox"
	"github.com/undog-dev/undog/policy"
)

// A comparison that had nothing to ask for, and one that could read what still
// cannot be written, are no sign that events are published again.
func TestPublishedAgainIsSaidWhenItIsTrue(t *testing.T) {
	const text = "events are published again"
	synctest.Test(t, func(t *testing.T) {
		s, c, up := &stream{down: true}, &cluster{}, make(chan struct{}, 1)
		var log bytes.Buffer
		o := start(t, outbox.Options{
			Publisher: s, Owed: c.Owed, Known: s.Known, Reconnected: up, Log: slog.New(slog.NewTextHandler(&log, nil)),
		})
		synctest.Wait()
		o.Add(transition("web", policy.RolloutStarted, 0))
		synctest.Wait()
		up <- struct{}{}
		<-time.After(5 * time.Minute)
		synctest.Wait()
		if !strings.Contains(log.String(), "events wait") || strings.Contains(log.String(), text) {
			t.Errorf("while the stream is down, the log says:\n%s", &log)
		}
		s.set(func(s *stream) { s.down = false })
		up <- struct{}{}
		synctest.Wait()
		if n := strings.Count(log.String(), text); n != 1 || len(s.got()) != 1 {
			t.Errorf("%d events published, told %d times:\n%s", len(s.got()), n, &log)
		}
	})
}
