package watcher

import (
	"sync"

	"k8s.io/client-go/tools/cache"
)

// sink takes what client-go's reflector reads straight to the State, in the
// reflector's own goroutine. An informer would keep a copy of what the State has
// in a cache that nobody asks, and queues in between that nothing bounds.
type sink struct {
	feed *feed
	// synced is closed when everything that existed at the start is in the State,
	// and closed when nothing more is read.
	synced, closed chan struct{}
	begin, end     sync.Once
}

var (
	_ cache.Queue             = (*sink)(nil)
	_ cache.TransformingStore = (*sink)(nil)
)

func newSink(f *feed) *sink {
	return &sink{feed: f, synced: make(chan struct{}), closed: make(chan struct{})}
}

// Add takes in an object that is new.
func (s *sink) Add(obj any) error {
	s.feed.objects.Add(1)
	s.feed.take(s.feed.reduced(obj))
	return nil
}

// Update takes in an object that changed.
func (s *sink) Update(obj any) error {
	s.feed.take(s.feed.reduced(obj))
	return nil
}

// Delete takes in that an object is gone.
func (s *sink) Delete(obj any) error {
	s.feed.objects.Add(-1)
	if r, ok := s.feed.reduced(obj).(record); ok {
		s.feed.drop(r)
	}
	return nil
}

// Resync has nothing to do.
func (s *sink) Resync() error { return nil }

// Pop waits for the end: nothing is ever queued.
func (s *sink) Pop(cache.PopProcessFunc) (any, error) {
	<-s.closed
	return nil, cache.ErrFIFOClosed
}

// Close ends the waiting.
func (s *sink) Close() { s.end.Do(func() { close(s.closed) }) }

// HasSynced tells whether everything that existed at the start is in the State.
func (s *sink) HasSynced() bool { return cache.IsDone(s) }

// HasSyncedChecker is done when HasSynced is true.
func (s *sink) HasSyncedChecker() cache.DoneChecker { return s }

// Name implements cache.DoneChecker.
func (s *sink) Name() string { return s.feed.resource }

// Done implements cache.DoneChecker.
func (s *sink) Done() <-chan struct{} { return s.synced }
