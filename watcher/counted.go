package watcher

import (
	"context"
	"reflect"
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
	// listing says that a watch is bringing everything that exists.
	listing atomic.Bool
	contact contact
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
	fromStart := o.SendInitialEvents != nil && *o.SendInitialEvents
	if fromStart {
		c.reads.Add(1)
	}
	c.listing.Store(fromStart)
	w, err := c.inner.WatchWithContext(ctx, o)
	if broken(ctx, err) || err == nil && ctx.Err() == nil && reflect.TypeOf(w) == noAnswer {
		c.contact.failed()
	}
	if err != nil {
		return nil, err
	}
	return c.contact.hear(w, fromStart), nil
}

// noAnswer is what client-go gives for a watch where the server did not answer in
// time or hung up: one that is over.
var noAnswer = reflect.TypeOf(watch.NewEmptyWatch())

// broken tells an error that cuts undog off from one that says where to start
// again, and from undog's own end.
func broken(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() == nil && !apierrors.IsResourceExpired(err) && !apierrors.IsGone(err)
}
