package subscribe

import (
	"context"
	"fmt"
	"sync"
)

// Store remembers the ids of events that were handled. It may be a table in the
// database that the handler writes to anyway.
type Store interface {
	// Seen tells whether an id was marked.
	Seen(ctx context.Context, id string) (bool, error)
	// Mark remembers an id; again is no error.
	Mark(ctx context.Context, id string) error
}

// Window is a Store in memory that remembers the last so many ids. It forgets
// with its process. Make one with NewWindow.
type Window struct {
	mu   sync.Mutex
	ids  map[string]struct{}
	ring []string
	next int
}

// NewWindow returns a Window for n ids, at least one.
func NewWindow(n int) *Window {
	return &Window{ids: map[string]struct{}{}, ring: make([]string, max(n, 1))}
}

// Seen tells whether the id is among the last that were marked.
func (w *Window) Seen(_ context.Context, id string) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, ok := w.ids[id]
	return ok, nil
}

// Mark remembers the id, and forgets the oldest where there is no room.
func (w *Window) Mark(_ context.Context, id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.ids[id]; ok {
		return nil
	}
	delete(w.ids, w.ring[w.next])
	w.ring[w.next], w.ids[id] = id, struct{}{}
	w.next = (w.next + 1) % len(w.ring)
	return nil
}

// Once is a handler that passes each id on until it was handled, and drops it
// from then on. An event that was handled but could not be marked is not tried
// again: that would handle it twice for sure.
func Once(store Store, handle Handler) Handler {
	return func(ctx context.Context, d Delivery) error {
		seen, err := store.Seen(ctx, d.ID)
		if err != nil {
			return fmt.Errorf("look up event %s: %w", d.ID, err)
		}
		if seen {
			return nil
		}
		if err := handle(ctx, d); err != nil {
			return err
		}
		if err := store.Mark(context.WithoutCancel(ctx), d.ID); err != nil {
			return &markError{fmt.Errorf("mark event %s: %w", d.ID, err)}
		}
		return nil
	}
}

// markError says that an event was handled, and that this was not remembered.
type markError struct{ err error }

func (e *markError) Error() string { return e.err.Error() }
func (e *markError) Unwrap() error { return e.err }
