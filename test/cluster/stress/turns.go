package stress

import "sync"

// Turns says how often something goes wrong: the first Bad of each Of times; the
// zero value is never.
type Turns struct {
	Bad, Of int
}

// counter counts by key.
type counter struct {
	mu    sync.Mutex
	times map[string]int
}

// bad tells whether it is the key's turn to go wrong, and counts it.
func (c *counter) bad(t Turns, key string) bool {
	if t.Of == 0 {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.times == nil {
		c.times = map[string]int{}
	}
	n := c.times[key]
	c.times[key]++
	return n%t.Of < t.Bad
}

// only takes the requests that a fault is about; nil takes all.
func only(of func(*Request) bool, r *Request) bool { return of == nil || of(r) }

// Counted counts what a fault did.
type Counted struct {
	mu    sync.Mutex
	count int
}

func (c *Counted) note() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
}

// Count is how often the fault has happened.
func (c *Counted) Count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}
