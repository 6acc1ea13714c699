package watcher

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/cache"
)

// feed brings the objects of one resource from one source to the State.
type feed struct {
	resource string
	source   *countedSource
	informer cache.SharedIndexInformer
	handled  cache.ResourceEventHandlerRegistration
	log      *slog.Logger
	// reduce makes a record of an API object and leaves records as they are.
	reduce func(any) any
	// apply and remove hand a record to the State. apply returns what was
	// wrong with the object, "" if nothing was.
	apply  func(at time.Time, record any) (problem string)
	remove func(at time.Time, id *identity)

	objects atomic.Int64

	mu        sync.Mutex
	lastEvent time.Time
	lastError error
	errors    uint64
	loggedAt  time.Time
	muted     uint64
	// problems holds what has been complained about, by object name.
	problems map[string]string
}

// record is what every record has: identity's own pointer.
type record interface{ id() *identity }

func (i *identity) id() *identity { return i }

// feedsOf makes the feeds of one source.
func (w *Watcher) feedsOf(s Source) ([]*feed, error) {
	st := w.state
	feeds := []*feed{
		{
			resource: "deployments", reduce: reducer(reduceDeployment), remove: func(at time.Time, id *identity) {
				st.DeleteDeployment(at, text(id.namespace), id.name, id.uid)
			},
			apply: applier(func(at time.Time, r *deploymentRecord) string {
				st.applyDeployment(at, r)
				return r.problem
			}),
		},
		{
			resource: "replicasets", reduce: reducer(reduceReplicaSet), remove: func(at time.Time, id *identity) {
				st.DeleteReplicaSet(at, text(id.namespace), id.name, id.uid)
			},
			apply: applier(func(at time.Time, r *replicaSetRecord) string {
				st.applyReplicaSet(at, r)
				return ""
			}),
		},
		{
			resource: "pods", reduce: reducer(reducePod), remove: func(at time.Time, id *identity) {
				st.DeletePod(at, text(id.namespace), id.name, id.uid)
			},
			apply: applier(func(at time.Time, r *podRecord) string {
				st.applyPod(at, r)
				return ""
			}),
		},
	}
	sources := []cache.ListerWatcher{s.Deployments, s.ReplicaSets, s.Pods}
	examples := []runtime.Object{&appsv1.Deployment{}, &appsv1.ReplicaSet{}, &corev1.Pod{}}
	if s.ControllerRevisions != nil {
		feeds = append(feeds, &feed{
			resource: "controllerrevisions",
			reduce: reducer(func(cr *appsv1.ControllerRevision) *ledgerRecord {
				return reduceRecord(cr, st.opts.DecodeRecord)
			}),
			remove: func(at time.Time, id *identity) {
				st.DeleteRecord(at, text(id.namespace), id.name, id.uid)
			},
			apply: applier(func(at time.Time, r *ledgerRecord) string {
				st.applyRecord(at, r)
				return r.problem
			}),
		})
		sources = append(sources, s.ControllerRevisions)
		examples = append(examples, &appsv1.ControllerRevision{})
	}
	for i, f := range feeds {
		f.log = w.log.With("resource", f.resource)
		f.problems = map[string]string{}
		if err := f.open(sources[i], examples[i]); err != nil {
			return nil, fmt.Errorf("make informer of %s: %w", f.resource, err)
		}
	}
	return feeds, nil
}

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
func (f *feed) open(lw cache.ListerWatcher, example runtime.Object) error {
	f.source = countSource(lw)
	f.informer = cache.NewSharedIndexInformerWithOptions(f.source, example, cache.SharedIndexInformerOptions{})
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
	f.objects.Add(1)
	f.complain(obj, f.apply(now, obj))
}

func (f *feed) updated(old, obj any) {
	now := f.event()
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

func (f *feed) event() time.Time {
	now := time.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lastEvent = now
	return now
}
