package nats

import (
	"log/slog"
	"sync"
	"time"
)

// quiet is for how long the same line is not logged again.
const quiet = time.Minute

// limiter logs each line at most once a minute, so that an outage of days does
// not fill a disk, and says how many were left out.
type limiter struct {
	log *slog.Logger

	mu   sync.Mutex
	seen map[string]*limited
}

type limited struct {
	at    time.Time
	count int
}

func newLimiter(log *slog.Logger) *limiter {
	return &limiter{log: log, seen: map[string]*limited{}}
}

// warn logs msg unless it was just logged. There is a fixed number of
// different messages: what varies belongs into the arguments.
func (l *limiter) warn(msg string, args ...any) {
	now := time.Now()
	l.mu.Lock()
	s := l.seen[msg]
	if s == nil {
		s = &limited{}
		l.seen[msg] = s
	}
	if !s.at.IsZero() && now.Sub(s.at) < quiet {
		s.count++
		l.mu.Unlock()
		return
	}
	left := s.count
	s.at, s.count = now, 0
	l.mu.Unlock()
	if left > 0 {
		args = append(args, "leftOut", left)
	}
	l.log.Warn(msg, args...)
}
