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
	without  string
	lw       cache.ListerWatcher
	example  runtime.Object
	source   *countedSource
	informer cache.SharedIndexInformer
	handled  cache.ResourceEventHandlerRegistration
	log      *slog.Logger
	// reduce makes a record of an API object and leaves records as they are.
	reduce func(any) any
	// late says that it is opened when the others are synced: what it brings is
	// about what they hold.
	late bool
	// apply and remove hand a record to the State. apply returns what was
	// wrong with the object, "" if nothing was.
	apply  func(at time.Time, record any) (problem string)
	remove func(at time.Time, id *identity)

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

// reducer adapts a reduction to an informer's transform, which has to leave
// alone what has been through it.
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

// open makes the informer. There is no resync: the State forgets nothing.
func (f *feed) open(log *slog.Logger) error {
	f.log = log.With("resource", f.resource)
	f.problems, f.answered = map[string]string{}, make(chan struct{})
	f.source = countSource(f.lw)
	f.informer = cache.NewSharedIndexInformerWithOptions(f.source, f.example, cache.SharedIndexInformerOptions{})
	err := f.informer.SetTransform(func(obj any) (any, error) { return f.reduce(obj), nil })
	if err != nil {
		return fmt.Errorf("set transform: %w", err)
	}
	if err := f.informer.SetWatchErrorHandlerWithContext(f.watchFailed); err != nil {
		return fmt.Errorf("set watch error handler: %w", err)
	}
	f.handled, err = f.informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    f.added,
		UpdateFunc: f.updated,
		DeleteFunc: f.deleted,
	})
	if err != nil {
		return fmt.Errorf("add handler: %w", err)
	}
	return nil
}

func (f *feed) added(obj any) {
	now := f.event()
	defer f.applying.Store(0)
	f.objects.Add(1)
	f.complain(obj, f.apply(now, obj))
}

func (f *feed) updated(old, obj any) {
	now := f.event()
	defer f.applying.Store(0)
	// An object deleted and created again between two looks comes as an update.
	was, ok1 := old.(record)
	is, ok2 := obj.(record)
	if ok1 && ok2 && was.id().uid != is.id().uid {
		f.remove(now, was.id())
	}
	f.complain(obj, f.apply(now, obj))
}

func (f *feed) deleted(obj any) {
	now := f.event()
	defer f.applying.Store(0)
	f.objects.Add(-1)
	if stone, ok := obj.(cache.DeletedFinalStateUnknown); ok {
		obj = stone.Obj
		if obj == nil {
			f.deletedByKey(now, stone.Key)
			return
		}
	}
	if r, ok := obj.(record); ok {
		f.remove(now, r.id())
		f.complain(obj, "")
	}
}

// deletedByKey is for a tombstone that has lost even its object.
func (f *feed) deletedByKey(now time.Time, key string) {
	namespace, name, err := cache.SplitMetaNamespaceKey(key)
	if err != nil {
		f.log.Error("deletion not understood", "reason", err.Error())
		return
	}
	f.remove(now, &identity{namespace: intern(namespace), name: name})
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
	if cache.WaitFor(ctx, "", f.handled.HasSyncedChecker()) {
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
