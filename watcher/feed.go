package watcher

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/cache"
)

// feed brings the objects of one resource from one source to the State.
type feed struct {
	resource string
	// without says how undog does without the resource, "" if it cannot.
	without string
	lw      cache.ListerWatcher
	example runtime.Object
	source  *countedSource
	sink    *sink
	// judged tells whether undog judges already by what the State holds.
	judged func() bool
	log    *slog.Logger
	// reduce makes a record of an API object and leaves records as they are.
	reduce func(any) any
	// spare is the source's Spare.
	spare func(runtime.Object)
	// late says that it is opened when the others are synced: what it brings is
	// about what they hold.
	late bool
	// apply and remove hand a record to the State. apply returns what was
	// wrong with the object, "" if nothing was.
	apply  func(at time.Time, record any) (problem string)
	remove func(at time.Time, id *identity)
	// held lists what the State holds of the resource, from this source.
	held func(yield func(*identity))

	objects atomic.Int64
	// applying is since when a record is handed to the State, in Unix
	// nanoseconds; 0 when none is.
	applying atomic.Int64

	mu        sync.Mutex
	lastEvent time.Time
	lastError error
	errors    uint64
	loggedAt  time.Time
	muted     uint64
	// denied says that undog has been told that it may not read the resource, and
	// answered is closed then, and when the first list is in.
	denied   bool
	answered chan struct{}
	// problems holds what has been complained about, by object name.
	problems map[string]string
}

// record is what every record has: identity's own pointer.
type record interface{ id() *identity }

func (i *identity) id() *identity { return i }

// reducer adapts a reduction to client-go's transforms, which have to leave alone
// what has been through them.
func reducer[O, R any](reduce func(*O) *R) func(any) any {
	return func(obj any) any {
		if o, ok := obj.(*O); ok {
			return reduce(o)
		}
		return obj
	}
}

func applier[R any](apply func(time.Time, *R) string) func(time.Time, any) string {
	return func(at time.Time, obj any) string {
		r, ok := obj.(*R)
		if !ok {
			return fmt.Sprintf("cache holds a %T", obj)
		}
		return apply(at, r)
	}
}

// open prepares to read. There is no resync: the State forgets nothing.
func (f *feed) open(log *slog.Logger, judged func() bool) {
	f.judged = judged
	f.log = log.With("resource", f.resource)
	f.problems, f.answered = map[string]string{}, make(chan struct{})
	f.source, f.sink = countSource(f.lw), newSink(f)
}

// run reads until ctx ends.
func (f *feed) run(ctx context.Context) {
	cache.New(&cache.Config{
		Queue: f.sink, ListerWatcher: f.source, ObjectType: f.example, WatchErrorHandlerWithContext: f.watchFailed,
	}).RunWithContext(ctx)
}

// reduced makes a record of an object of a watch, and gives the object back: what
// a record has of it are values and strings.
func (f *feed) reduced(obj any) any {
	r := f.reduce(obj)
	if o, ok := obj.(runtime.Object); ok && r != obj && f.spare != nil {
		f.spare(o)
	}
	return r
}

// take hands a record of what is there, as it is now, to the State.
func (f *feed) take(obj any) {
	now := f.event()
	defer f.applying.Store(0)
	f.complain(obj, f.apply(now, obj))
}

// drop tells the State that an object is gone.
func (f *feed) drop(r record) {
	now := f.event()
	defer f.applying.Store(0)
	f.remove(now, r.id())
	f.complain(r, "")
}

// event notes that a record is on its way to the State.
func (f *feed) event() time.Time {
	now := time.Now()
	f.applying.Store(now.UnixNano())
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lastEvent = now
	return now
}

// awaitAnswer notes when the first list has been taken in.
func (f *feed) awaitAnswer(ctx context.Context) {
	if cache.WaitFor(ctx, "", f.sink.HasSyncedChecker()) {
		f.answer()
	}
}

// answer says that there is nothing more to wait for.
func (f *feed) answer() {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.answered:
	default:
		close(f.answered)
	}
}
