package watcher

import (
	"sync"
	"sync/atomic"
	"time"
)

// maxSilence is how long it may take to watch again after a watch has ended.
// Clients try for minutes before they give up on a server that hangs.
const maxSilence = 10 * time.Second

// contact knows since when a source has not answered. A watch that is open is
// believed, however quiet; one that ends and is opened again is no loss.
type contact struct {
	mu sync.Mutex
	// endedAt is when the last watch ended, zero while one is open or before the
	// first.
	endedAt time.Time
	// lostAt is since when nothing is known, zero when all is well.
	lostAt time.Time
	// heardAt is when the open watch last brought anything, zero while none is
	// open. bookmarked says that it brings bookmarks from time to time.
	heardAt    time.Time
	bookmarked bool
	// handing is since when its reader has not taken what it brought.
	handing  time.Time
	reopened atomic.Uint64
}

func (c *contact) opened() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endedAt, c.lostAt, c.heardAt, c.bookmarked = time.Time{}, time.Time{}, time.Now(), false
}

func (c *contact) closed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heardAt, c.handing, c.bookmarked = time.Time{}, time.Time{}, false
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

func (c *contact) lost(at time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lostAt.IsZero() && !c.endedAt.IsZero() && at.Sub(c.endedAt) >= maxSilence {
		return c.endedAt
	}
	return c.lostAt
}

// Lost is since when at least one of the things that undog cannot do without
// cannot be read; zero when all is well.
func (w *Watcher) Lost(at time.Time) time.Time {
	var first time.Time
	for _, f := range w.feeds {
		if f.without != "" {
			continue
		}
		if t := f.source.contact.lost(at); !t.IsZero() && !t.After(at) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}
