package hold

import (
	"context"
	"sync"
)

// maxArrivals bounds how many arrivals wait to be taken note of.
const maxArrivals = 64

// Gate holds what matches until it is released.
type Gate struct {
	arrived chan struct{}
	open    chan struct{}
	once    sync.Once

	mu    sync.Mutex
	count int
}

func newGate() *Gate {
	return &Gate{arrived: make(chan struct{}, maxArrivals), open: make(chan struct{})}
}

// Arrived receives once for each time that something came to the gate, also
// after Release.
func (g *Gate) Arrived() <-chan struct{} { return g.arrived }

// Count is how often something came to the gate, also after Release.
func (g *Gate) Count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.count
}

// Release lets pass what is held and all that comes. It may be called again.
func (g *Gate) Release() { g.once.Do(func() { close(g.open) }) }

// isOpen tells whether the gate was released.
func (g *Gate) isOpen() bool {
	select {
	case <-g.open:
		return true
	default:
		return false
	}
}

// note counts an arrival.
func (g *Gate) note() {
	g.mu.Lock()
	g.count++
	g.mu.Unlock()
	select {
	case g.arrived <- struct{}{}:
	default:
	}
}

// pass counts an arrival and waits until the gate is open or ctx ends.
func (g *Gate) pass(ctx context.Context) error {
	g.note()
	select {
	case <-g.open:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
