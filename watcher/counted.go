package watcher

import (
	"context"
	"sync"
	"sync/atomic"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/watchlist"
)

// countedSource counts how often a source was read from the beginning, notes
// whether it answers, and passes on whether it can stream the initial list.
type countedSource struct {
	inner cache.ListerWatcherWithContext
	// unstreamed says that the source cannot do a WatchList.
	unstreamed bool
	reads      atomic.Uint64
	contact    contact
}

func countSource(lw cache.ListerWatcher) *countedSource {
	return &countedSource{
		inner:      cache.ToListerWatcherWithContext(lw),
		unstreamed: watchlist.DoesClientNotSupportWatchListSemantics(lw),
	}
}

// IsWatchListSemanticsUnSupported is how client-go asks.
func (c *countedSource) IsWatchListSemanticsUnSupported() bool { return c.unstreamed }

// List implements cache.ListerWatcher.
func (c *countedSource) List(o metav1.ListOptions) (runtime.Object, error) {
	return c.ListWithContext(context.Background(), o)
}

// Watch implements cache.ListerWatcher.
func (c *countedSource) Watch(o metav1.ListOptions) (watch.Interface, error) {
	return c.WatchWithContext(context.Background(), o)
}

// ListWithContext implements cache.ListerWatcherWithContext. A list that
// succeeds is no contact yet: what is old again a moment later is of no use.
func (c *countedSource) ListWithContext(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
	if o.Continue == "" {
		c.reads.Add(1)
	}
	list, err := c.inner.ListWithContext(ctx, o)
	if broken(ctx, err) {
		c.contact.failed()
	}
	return list, err
}

// WatchWithContext implements cache.ListerWatcherWithContext.
func (c *countedSource) WatchWithContext(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
	if o.SendInitialEvents != nil && *o.SendInitialEvents {
		c.reads.Add(1)
	}
	w, err := c.inner.WatchWithContext(ctx, o)
	if err != nil {
		if broken(ctx, err) {
			c.contact.failed()
		}
		return nil, err
	}
	c.contact.opened()
	return &heardWatch{Interface: w, contact: &c.contact}, nil
}

// broken tells an error that cuts undog off from one that says where to start
// again, and from undog's own end.
func broken(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() == nil && !apierrors.IsResourceExpired(err) && !apierrors.IsGone(err)
}

// heardWatch notes when a watch is over. Its reader always stops it.
type heardWatch struct {
	watch.Interface
	contact *contact
	once    sync.Once
}

// Stop implements watch.Interface.
func (w *heardWatch) Stop() {
	w.once.Do(w.contact.closed)
	w.Interface.Stop()
}
