package lifecycle

import (
	"sync"
	"time"
)

// Shared is what the pods of a revision have in common when a rule plays once
// for all of them.
type Shared struct {
	mu     sync.Mutex
	runs   int
	start  time.Time
	failed time.Time
}

// draw takes the number of the revision's next run.
func (s *Shared) draw() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs++
	return s.runs - 1
}

// started returns when the revision's first container started.
func (s *Shared) started(now time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.start.IsZero() {
		s.start = now
	}
	return s.start
}

// failing returns when the revision first failed to start.
func (s *Shared) failing(now time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed.IsZero() {
		s.failed = now
	}
	return s.failed
}
