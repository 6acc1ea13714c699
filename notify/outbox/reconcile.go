package outbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy"
)

const (
	// skew is by how much the clocks of undog, of the API server and of the
	// stream may differ.
	skew = time.Hour
	// blindAfter is the number of failed reconciliations in a row after which
	// the queue moves on without.
	blindAfter = 3
	// maxRejected bounds the memory of events that the publisher will never
	// take, so that they are not found missing for ever.
	maxRejected = 1024
)

// isDue tells whether there is a comparison to make. While the queue is known
// to be incomplete, it has to run empty first, or each event published would
// cost a comparison.
func (o *Outbox) isDue() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.due && o.active() && (!o.lossy || len(o.queue) == 0)
}

// reconcile queues what the cluster owes and the stream lacks.
func (o *Outbox) reconcile(ctx context.Context) error {
	o.setDue(false)
	missing, err := o.missing(ctx)
	var untold []policy.Transition
	if err == nil {
		untold, err = o.untold(ctx)
	}
	if err != nil {
		o.setDue(true)
		o.blind++
		o.lookAt = time.Now().Add(o.look.next())
		if o.blind == blindAfter {
			o.log.Warn("the stream cannot be read, events are published without comparing", "err", err)
		}
		return fmt.Errorf("compare the cluster with the stream: %w", err)
	}
	o.blind = 0
	o.look.reset()
	missing = append(missing, untold...)
	slices.SortStableFunc(missing, byTime)
	queued := o.enqueue(missing)
	if !o.tellLoss(queued) && queued > 0 {
		o.log.Info("events were missing from the stream", "events", queued)
	}
	return nil
}

func (o *Outbox) setDue(due bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.due = due
}

// missing returns what is owed and not in the stream, sorted by time.
func (o *Outbox) missing(ctx context.Context) ([]policy.Transition, error) {
	oldest := time.Now().Add(-o.opts.MaxAge)
	var owed []policy.Transition
	for _, t := range o.opts.Owed() {
		if t.Kind.Durable() && !t.At.Before(oldest) && !o.rejected.has(t.ID) {
			owed = append(owed, t)
		}
	}
	if len(owed) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(owed, byTime)
	ctx, cancel := context.WithTimeout(ctx, o.opts.Timeout)
	defer cancel()
	known, err := o.opts.Known(ctx, owed[0].At.Add(-skew))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(owed, func(t policy.Transition) bool { return known(t.ID) }), nil
}

func byTime(a, b policy.Transition) int { return a.At.Compare(b.At) }

// enqueue merges the missing into the queue and cuts what is beyond its bound
// off the end: it is derived again once the queue has run empty.
func (o *Outbox) enqueue(missing []policy.Transition) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	fresh := map[string]struct{}{}
	missing = slices.DeleteFunc(missing, func(t policy.Transition) bool {
		_, queued := o.ids[t.ID]
		_, twice := fresh[t.ID]
		fresh[t.ID] = struct{}{}
		return queued || twice
	})
	merged := merge(o.queue, missing, time.Now())
	o.lossy = false
	queued := len(missing)
	for _, cut := range merged[min(len(merged), o.opts.Limit):] {
		if _, was := o.ids[cut.t.ID]; was {
			delete(o.ids, cut.t.ID)
			o.lose(cut.t.Kind.Durable())
		} else {
			queued--
			o.lossy, o.due = true, true
		}
	}
	o.queue = slices.Clip(merged[:min(len(merged), o.opts.Limit)])
	for _, q := range o.queue {
		o.ids[q.t.ID] = struct{}{}
	}
	o.stats.Reconciled += uint64(queued)
	if !o.lossy {
		o.stats.LastReconciled = time.Now()
	}
	return queued
}
