package watcher

import (
	"sync"
	"time"
)

// contact knows since when a source has not answered. A watch that is open is
// believed, however quiet; one that ends and is opened again is no loss.
type contact struct {
	mu sync.Mutex
	// endedAt is when the last watch ended, zero while one is open or before the
	// first.
	endedAt time.Time
	// lostAt is since when nothing is known, zero when all is well.
	lostAt time.Time
}

func (c *contact) opened() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endedAt, c.lostAt = time.Time{}, time.Time{}
}

func (c *contact) closed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.endedAt.IsZero() {
		c.endedAt = time.Now()
	}
}

// failed notes that the source did not answer: since its last watch ended,
// nothing has been heard.
func (c *contact) failed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.lostAt.IsZero() {
		return
	}
	c.lostAt = c.endedAt
	if c.lostAt.IsZero() {
		c.lostAt = time.Now()
	}
}

func (c *contact) lost() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lostAt
}

// Lost is since when at least one of the things that undog cannot do without
// has failed to be read, and has not been read since; zero when all is well.
func (w *Watcher) Lost(at time.Time) time.Time {
	var first time.Time
	for _, f := range w.feeds {
		if f.without != "" {
			continue
		}
		if t := f.source.contact.lost(); !t.IsZero() && !t.After(at) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}
