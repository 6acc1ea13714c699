package watcher

import (
	"context"
	"sync/atomic"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/watchlist"
)

// countedSource counts how often a source was read from the beginning, and
// passes on whether it can stream the initial list.
type countedSource struct {
	inner cache.ListerWatcherWithContext
	// unstreamed says that the source cannot do a WatchList.
	unstreamed bool
	reads      atomic.Uint64
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

// ListWithContext implements cache.ListerWatcherWithContext.
func (c *countedSource) ListWithContext(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
	if o.Continue == "" {
		c.reads.Add(1)
	}
	return c.inner.ListWithContext(ctx, o)
}

// WatchWithContext implements cache.ListerWatcherWithContext.
func (c *countedSource) WatchWithContext(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
	if o.SendInitialEvents != nil && *o.SendInitialEvents {
		c.reads.Add(1)
	}
	return c.inner.WatchWithContext(ctx, o)
}
