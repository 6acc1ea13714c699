package lead

import (
	"context"
	"fmt"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"
)

// watchFor is how long one watch lasts.
const watchFor = 10 * time.Minute

// standBy looks at the Lease, takes it if it may be taken, and else returns
// when it may be, or is worth another look.
func (e *Elector) standBy(ctx context.Context) {
	err := e.look(ctx)
	if err == nil && e.isFree() {
		if err = e.take(ctx); err == nil {
			e.told(ctx, "take", nil)
			return
		}
	}
	e.told(ctx, "take", err)
	if err != nil || e.seen.lease == nil {
		pause(ctx, e.opts.RetryPeriod)
		return
	}
	e.await(ctx)
}

// isFree tells whether the Lease may be taken.
func (e *Elector) isFree() bool {
	return e.isOwn() || !time.Now().Before(e.freeAt())
}

// freeAt is when the Lease may be taken. The holder has stopped by then: only a
// tenth of the time between its deadline and its promise is used up.
func (e *Elector) freeAt() time.Time {
	return e.seen.freeAt(e.opts.LeaseDuration, (e.opts.LeaseDuration-e.opts.RenewDeadline)/10)
}

// why says how the Lease came to be free.
func (e *Elector) why() string {
	switch {
	case e.seen.lease == nil:
		return First
	case e.seen.holder() == "":
		return HandedOver
	case e.isOwn():
		return Regained
	}
	return Expired
}

// await returns when the Lease was given back, deleted, or not renewed in time.
// It watches, so that this is known at once; where it cannot, it returns for
// another look every now and then.
func (e *Elector) await(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w, err := e.watch(ctx, cancel)
	if err != nil {
		e.watches.tell(ctx, e.opts, "watch", err)
		pause(ctx, min(e.opts.RetryPeriod, max(0, time.Until(e.freeAt()))))
		return
	}
	e.watches.tell(ctx, e.opts, "watch", nil)
	defer w.Stop()
	expires := time.NewTimer(0)
	defer expires.Stop()
	for {
		expires.Reset(time.Until(e.freeAt()))
		select {
		case <-ctx.Done():
			return
		case <-expires.C:
			return
		case event, open := <-w.ResultChan():
			lease, ok := event.Object.(*coordinationv1.Lease)
			switch {
			case !open, event.Type == watch.Error:
				// A server that ends every watch at once must not be asked all the time.
				pause(ctx, e.opts.RetryPeriod)
				return
			case !ok || event.Type == watch.Bookmark:
			case event.Type == watch.Deleted:
				return
			default:
				if e.saw(lease); e.seen.holder() == "" {
					return
				}
			}
		}
	}
}

// watch begins to watch the Lease from where it was seen last. Only the
// beginning has a deadline of its own.
func (e *Elector) watch(ctx context.Context, cancel context.CancelFunc) (watch.Interface, error) {
	late := time.AfterFunc(e.patience(), cancel)
	defer late.Stop()
	w, err := e.opts.Leases.Watch(ctx, metav1.ListOptions{
		FieldSelector:   fields.OneTermEqualSelector(metav1.ObjectNameField, e.opts.Name).String(),
		ResourceVersion: e.seen.lease.ResourceVersion,
		TimeoutSeconds:  new(int64(watchFor / time.Second)),
	})
	if err != nil {
		return nil, fmt.Errorf("watch lease %s: %w", e.opts.Name, err)
	}
	return w, nil
}
