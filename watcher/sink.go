package watcher

import (
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
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
	_ metav1.Object           = (*token)(nil)
)

func newSink(f *feed) *sink {
	return &sink{feed: f, synced: make(chan struct{}), closed: make(chan struct{})}
}

// token stands for an object of a list.
type token struct {
	noMeta
	namespace word
	name      label
	uid       uid
	// record is nil where the State has taken the object in already.
	record record
}

// GetNamespace implements metav1.Object.
func (t *token) GetNamespace() string { return text(t.namespace) }

// GetName implements metav1.Object.
func (t *token) GetName() string { return t.name.String() }

// GetUID implements metav1.Object. Nobody asks a list for it.
func (t *token) GetUID() types.UID { return types.UID(t.uid.String()) }

// GetResourceVersion implements metav1.Object. Nobody asks a list for it.
func (t *token) GetResourceVersion() string { return "" }

// Transformer keeps what is listed from piling up until the list is complete: of the
// first list, which nobody judges by before it is, the State takes in each object as it
// comes. A later list is taken in as a whole: half of it would be judged by together
// with what is gone, and where it breaks off the next may come from a server that is
// behind, which would take the State back in time.
func (s *sink) Transformer() cache.TransformFunc {
	return func(obj any) (any, error) {
		r, ok := s.feed.reduced(obj).(record)
		if !ok {
			return obj, nil
		}
		id := r.id()
		t := &token{namespace: id.namespace, name: id.name, uid: id.uid}
		if s.HasSynced() {
			t.record = r
		} else {
			s.feed.take(r)
		}
		return t, nil
	}
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

// Replace takes in everything there is. What the State holds and is not there any
// more has been deleted, also where its name is another object's by now.
func (s *sink) Replace(list []any, _ string) error {
	there := make(map[uid]struct{}, len(list))
	for i, obj := range list {
		if t, ok := obj.(*token); ok {
			there[t.uid] = struct{}{}
			if list[i] = nil; t.record != nil {
				list[i] = t.record
			}
			continue
		}
		list[i] = s.feed.reduce(obj)
		if r, ok := list[i].(record); ok {
			there[r.id().uid] = struct{}{}
		}
	}
	var gone []*identity
	s.feed.held(func(id *identity) {
		if _, still := there[id.uid]; !still {
			gone = append(gone, id)
		}
	})
	for _, id := range gone {
		s.feed.drop(id)
	}
	s.feed.objects.Store(int64(len(list)))
	for i, obj := range list {
		if obj != nil {
			s.feed.take(obj)
		}
		list[i] = nil
	}
	s.feed.source.listing.Store(false)
	s.begin.Do(func() { close(s.synced) })
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
