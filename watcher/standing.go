package watcher

import "time"

// heard notes that the watch brought something, which is now handed on.
func (c *contact) heard(bookmark bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heardAt = time.Now()
	c.handing = c.heardAt
	c.bookmarked = c.bookmarked || bookmark
}

// handed notes that it was taken.
func (c *contact) handed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handing = time.Time{}
}

// standing says when the open watch last brought anything, since when it has
// been silent though bookmarks are due, and since when its reader has not taken
// what it brought; each zero when that is not so.
func (c *contact) standing() (heard, silent, handing time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bookmarked && c.handing.IsZero() {
		silent = c.heardAt
	}
	return c.heardAt, silent, c.handing
}

// Heard is when the last of the pods' statuses came in that were part of what
// Take last handed out of the Deployment with this UID; zero if none was.
func (w *Watcher) Heard(uid string) time.Time { return w.state.heard(uid) }

func (s *State) heard(deployment string) time.Time {
	id, _ := uidOf(deployment)
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.deployments[id]; w != nil {
		return nanosTime(w.toldHeard)
	}
	return time.Time{}
}
