package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/undog-dev/undog/notify"
)

// acknowledged is what a publisher may know: the stream's number for the event
// that it stored last.
type acknowledged interface{ Acknowledged() uint64 }

// follow keeps up with what the stream must hold by now, and has it looked at
// when the numbers go backwards.
func (o *Outbox) follow() {
	p, ok := o.opts.Publisher.(acknowledged)
	if !ok || o.held.Created.IsZero() {
		return
	}
	switch seq := p.Acknowledged(); {
	case seq > o.held.Last:
		o.held.Events += seq - o.held.Last
		o.held.Last = seq
	case seq < o.held.Last:
		o.inspectDue = true
	}
}

// inspect looks, when it is due, whether the stream lost what it had, and has
// it compared at once if so. The look is one small request. One that fails says
// nothing: publishing and comparing find out what is wrong. After that, nobody
// knows what became of the events that were acknowledged meanwhile.
func (o *Outbox) inspect(ctx context.Context) {
	if !o.inspectDue || o.opts.Holding == nil || !o.active() {
		return
	}
	o.inspectDue = false
	ctx, cancel := context.WithTimeout(ctx, o.opts.Timeout)
	defer cancel()
	now, err := o.opts.Holding(ctx)
	if err != nil {
		o.log.Debug("cannot look at the stream", "err", err)
		o.unseen = true
		return
	}
	before := o.held
	o.held = now
	if before.Created.IsZero() {
		return
	}
	found := lossOf(before, now, time.Now().Add(-o.opts.MaxAge))
	switch {
	case found.what != "" && (found.certain || time.Since(o.lostAt) >= o.opts.Interval):
		o.loss, o.lostAt = found, time.Now()
		o.compareNow()
	case o.unseen:
		o.compareNow()
	}
	o.unseen = false
}

// tellLoss tells, after the comparison, of what the stream lost. What may have
// gone for its age, or for want of room, is only told if something is missing.
func (o *Outbox) tellLoss(missing int) bool {
	found := o.loss
	o.loss = loss{}
	if found.what == "" || !found.certain && missing == 0 {
		return false
	}
	o.count(func(s *Stats) { s.Losses++ })
	o.log.Warn("the stream lost events: those that are still known are published again", "reason", found.what, "events", missing)
	return true
}

// loss is what a stream lost between two looks.
type loss struct {
	// what is a sentence, "" if nothing was lost.
	what string
	// certain says that it did not go because it was old, or there was no room.
	certain bool
}

// lossOf compares two looks. A stream may let go of what it got before horizon,
// and one that evicts of anything: the comparison that follows finds out.
func lossOf(before, now notify.Holding, horizon time.Time) loss {
	switch {
	case !before.Created.Equal(now.Created):
		return loss{"it was deleted and made again", true}
	case now.Last < before.Last:
		return loss{"it was put back to an earlier state", true}
	}
	had := before.Events + now.Last - before.Last
	young := !before.Oldest.Before(horizon)
	switch {
	case now.Events >= had:
		return loss{}
	case now.Events == 0:
		return loss{"it was emptied", young && !now.Evicts}
	case !young && now.Oldest.Before(horizon):
		return loss{}
	}
	return loss{what: fmt.Sprintf("%d of its %d events are gone", had-now.Events, had)}
}
