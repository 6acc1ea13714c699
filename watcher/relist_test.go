package watcher_test

import (
	"context"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/api/apitest"
	"github.com/undog-dev/undog/watcher/source"
)

// relistable is a source whose watches can be cut off, so that the informers
// have to list again.
type relistable struct {
	inner watcher.Source

	mu      sync.Mutex
	watches []*cutWatch
}

func newRelistable(client kubernetes.Interface) *relistable {
	return &relistable{inner: source.List(apitest.From(client), source.Options{NoLedger: true})[0]}
}

func (r *relistable) source() watcher.Source {
	return watcher.Source{
		Deployments: r.wrap(r.inner.Deployments),
		ReplicaSets: r.wrap(r.inner.ReplicaSets),
		Pods:        r.wrap(r.inner.Pods),
		Nodes:       r.wrap(r.inner.Nodes),
	}
}

// silence makes the watches deaf.
func (r *relistable) silence() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.watches {
		w.inner.Stop()
	}
}

// expire ends the watches the way a server does that has forgotten the past.
func (r *relistable) expire() {
	r.mu.Lock()
	watches := r.watches
	r.watches = nil
	r.mu.Unlock()
	gone := apierrors.NewResourceExpired("too old resource version").ErrStatus
	for _, w := range watches {
		w.out <- watch.Event{Type: watch.Error, Object: &gone}
	}
}

type cuttable struct {
	cache.ListerWatcherWithContext
	r *relistable
}

func (r *relistable) wrap(lw cache.ListerWatcher) cache.ListerWatcher {
	return &cuttable{ListerWatcherWithContext: cache.ToListerWatcherWithContext(lw), r: r}
}

// IsWatchListSemanticsUnSupported says that the fake server has no WatchList.
func (c *cuttable) IsWatchListSemanticsUnSupported() bool { return true }

func (c *cuttable) List(o metav1.ListOptions) (runtime.Object, error) {
	return c.ListWithContext(context.Background(), o)
}

func (c *cuttable) Watch(o metav1.ListOptions) (watch.Interface, error) {
	return c.WatchWithContext(context.Background(), o)
}

func (c *cuttable) WatchWithContext(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
	inner, err := c.ListerWatcherWithContext.WatchWithContext(ctx, o)
	if err != nil {
		return nil, err
	}
	w := &cutWatch{inner: inner, out: make(chan watch.Event, 1), stopped: make(chan struct{})}
	c.r.mu.Lock()
	c.r.watches = append(c.r.watches, w)
	c.r.mu.Unlock()
	go w.pump()
	return w, nil
}

// cutWatch passes events on until its inner watch ends, and stays open then.
type cutWatch struct {
	inner   watch.Interface
	out     chan watch.Event
	once    sync.Once
	stopped chan struct{}
}

func (w *cutWatch) pump() {
	for {
		select {
		case e, ok := <-w.inner.ResultChan():
			if !ok {
				return
			}
			select {
			case w.out <- e:
			case <-w.stopped:
				return
			}
		case <-w.stopped:
			return
		}
	}
}

func (w *cutWatch) ResultChan() <-chan watch.Event { return w.out }

func (w *cutWatch) Stop() {
	w.once.Do(func() {
		w.inner.Stop()
		close(w.stopped)
	})
}
