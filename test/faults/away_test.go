package faults_test

import (
	"strings"
	"testing"
	"time"
)

func TestDownForAnHour(t *testing.T) {
	play(t, func(s *stage) {
		s.releases(3, time.Minute)
		s.down()
		d := s.fault(24, 150*time.Second)
		s.up()
		s.told(10, "NATS is down for an hour", d)
		if strings.Contains(s.log.String(), "the stream lost") {
			t.Error("a loss was told of, and there was none")
		}
	})
}

func TestDownAtStart(t *testing.T) {
	play(t, func(s *stage) {
		s.kill()
		s.down()
		s.start()
		d := s.fault(24, time.Minute)
		s.up()
		s.told(11, "NATS is down when undog starts", d)
	})
}

func TestSlowAcknowledgements(t *testing.T) {
	play(t, func(s *stage) {
		s.releases(1, time.Minute)
		s.link.set(func(l *link) { l.slow = 8 * time.Second })
		d := s.fault(24, 20*time.Second)
		s.link.set(func(l *link) { l.slow = 0 })
		s.told(20, "acknowledgements take longer than undog waits", d)
	})
}

func TestNoAcknowledgements(t *testing.T) {
	play(t, func(s *stage) {
		s.releases(1, time.Minute)
		s.link.set(func(l *link) { l.deaf = true })
		d := s.fault(24, time.Minute)
		s.link.set(func(l *link) { l.deaf = false })
		s.told(21, "no acknowledgement arrives for 24 minutes, though the events do", d)
	})
}

func TestHalfOpen(t *testing.T) {
	play(t, func(s *stage) {
		s.releases(1, time.Minute)
		s.link.die()
		d := s.fault(24, 10*time.Second)
		s.told(22, "the connection swallows everything and is never closed (half-open)", d)
	})
}

func TestNoResponders(t *testing.T) {
	play(t, func(s *stage) {
		s.releases(1, time.Minute)
		s.down()
		s.opts.JetStream = false
		s.up()
		d := s.fault(24, 30*time.Second)
		s.down()
		s.opts.JetStream = true
		s.up()
		s.told(30, "the server runs without JetStream for 12 minutes (no responders)", d)
	})
}
