package outbox

import (
	"context"
	"time"

	"github.com/undog-dev/undog/notify"
)

// Run publishes until ctx ends, and returns nil then. It is called once.
func (o *Outbox) Run(ctx context.Context) error {
	ticker := time.NewTicker(o.opts.Interval)
	defer ticker.Stop()
	glance := time.NewTicker(o.opts.LookEvery)
	defer glance.Stop()
	wait := pause{min: o.opts.MinWait, max: o.opts.MaxWait}
	for ctx.Err() == nil {
		settled := o.settled()
		o.count(func(s *Stats) { s.Busy = time.Now() })
		pending, err := o.turn(ctx)
		o.count(func(s *Stats) { s.Busy = time.Time{} })
		var retry <-chan time.Time
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			d := wait.next()
			retry = time.After(d)
			o.logRetry(err, wait.failures, d)
		case wait.failures > 0 && o.settled() > settled:
			o.log.Info("events are published again", "failures", wait.failures)
			wait.reset()
		case !pending && !o.isDue():
			// Nothing waits, and nothing is known of the next try.
			wait.reset()
		}
		if err == nil && pending {
			continue
		}
		o.await(ctx, &wait, retry, ticker.C, glance.C)
	}
	return nil
}

// settled counts the events that the publisher took or refused for good. Only
// these show that publishing works: a comparison that had nothing to ask for
// succeeds without a connection, too, and a stream that can be read may refuse
// what is written.
func (o *Outbox) settled() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.stats.Published + o.stats.Failed
}

// await returns when there is reason for another turn. After a failure, new
// events are no reason: only time, haste or a new connection is.
func (o *Outbox) await(ctx context.Context, wait *pause, retry, tick, glance <-chan time.Time) {
	wake := o.wake
	if retry != nil {
		wake, glance = nil, nil
	} else if o.isDue() {
		retry = time.After(time.Until(o.lookAt))
	}
	select {
	case <-ctx.Done():
	case <-wake:
	case <-retry:
	case <-o.hurry:
		o.lookAt = time.Time{}
	case <-tick:
		o.Reconcile()
	case <-glance:
		o.inspectDue = true
	case <-o.opts.Reconnected:
		wait.restart()
		o.reconnected()
	}
}

// reconnected makes the next turn look at the stream and compare at once: it
// may have lost what it had.
func (o *Outbox) reconnected() {
	o.inspectDue = true
	o.compareNow()
}

// compareNow makes this turn or the next one compare, whatever went before.
func (o *Outbox) compareNow() {
	o.look.restart()
	o.lookAt = time.Time{}
	o.Reconcile()
}

// turn does one thing, and tells whether there is more to do. What is missing
// from the stream goes before the queue, because it happened before. When the
// stream has been unreadable for a while, the queue goes on without: the
// stream may still be writable.
func (o *Outbox) turn(ctx context.Context) (pending bool, err error) {
	select {
	case <-o.opts.Reconnected:
		o.reconnected()
	default:
	}
	o.inspect(ctx)
	if o.isDue() && !time.Now().Before(o.lookAt) {
		if err := o.reconcile(ctx); err == nil || o.blind < blindAfter {
			return true, err
		}
	}
	return o.publishHead(ctx)
}

// publishHead publishes the first event of the queue, and tells whether there
// was one.
func (o *Outbox) publishHead(ctx context.Context) (bool, error) {
	t, ok := o.head()
	if !ok {
		return false, nil
	}
	err := o.opts.Publisher.Publish(ctx, FromTransition(o.opts.Cluster, t))
	switch {
	case err == nil:
		waited := o.pop(func(s *Stats) { s.Published++ })
		if o.accepted != nil {
			o.accepted(waited)
		}
		o.follow()
		o.log.Debug("event published", "id", t.ID, "type", string(t.Kind),
			"namespace", t.Workload.Namespace, "deployment", t.Workload.Name)
	case notify.IsPermanent(err):
		o.rejected.add(t.ID)
		o.pop(func(s *Stats) { s.Failed++ })
		o.log.Error("event rejected for good", "id", t.ID, "type", string(t.Kind),
			"namespace", t.Workload.Namespace, "deployment", t.Workload.Name, "err", err)
	default:
		o.count(func(s *Stats) { s.Retried++ })
		// When the stream comes back, it is compared before the next try.
		o.lookAt = time.Time{}
		return true, err
	}
	return true, nil
}

func (o *Outbox) count(f func(*Stats)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f(&o.stats)
}

// logRetry logs the first failure of a row and then ever fewer of them.
func (o *Outbox) logRetry(err error, failures int, wait time.Duration) {
	if failures&(failures-1) == 0 {
		o.log.Warn("events wait", "err", err, "failures", failures, "retryIn", wait, "depth", o.Stats().Depth)
	}
}

// pause is how long to wait after a failure: twice as long each time.
type pause struct {
	min, max, last time.Duration
	failures       int
}

func (p *pause) next() time.Duration {
	p.failures++
	p.last = min(max(p.last*2, p.min), p.max)
	return p.last
}

// restart begins with the shortest pause again, and keeps the count.
func (p *pause) restart() { p.last = 0 }

func (p *pause) reset() { p.last, p.failures = 0, 0 }
