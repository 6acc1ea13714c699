package lead

import (
	"context"
	"time"
)

// The reasons of a Change.
const (
	// Starting: nobody has been asked yet.
	Starting = "Starting"
	// First: nobody had ever held the Lease, or it was deleted.
	First = "First"
	// HandedOver: whoever held it gave it back.
	HandedOver = "HandedOver"
	// Expired: whoever held it did not renew it in time.
	Expired = "Expired"
	// Regained: it was still this process's when it could be reached again.
	Regained = "Regained"
	// NotRenewed: this process could not renew it in time.
	NotRenewed = "NotRenewed"
	// Taken: somebody else has it.
	Taken = "Taken"
	// Stopping: this process gave it back.
	Stopping = "Stopping"
)

// Change is how it came that an undog leads, or no longer does.
type Change struct {
	Leads bool
	// Term counts the terms of this process. It grows with each.
	Term uint64
	// At is when it came, by this process's clock.
	At time.Time
	// Reason is CamelCase and stable; Other names who held the Lease before,
	// or took it, "" if nobody did.
	Reason, Other string
}

// term is the time for which this process leads.
type term struct {
	// renewed is when the last renewal that succeeded was sent.
	renewed time.Time
	ctx     context.Context //nolint:containedctx // It ends with the term.
	end     context.CancelFunc
	alarm   *time.Timer
}

// valid compares the clock that nobody can set, and the other one as well:
// while a machine is suspended, only that goes on.
func (t *term) valid(now time.Time, deadline time.Duration) bool {
	return now.Sub(t.renewed) < deadline && now.Round(0).Sub(t.renewed.Round(0)) < deadline
}

// Leads tells whether this process may act now. It never waits for anything
// that takes time, and may be called from everywhere.
func (e *Elector) Leads() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.leads()
}

// leads ends a term that is over. It is called under the lock.
func (e *Elector) leads() bool {
	now := time.Now()
	if e.term != nil && !e.term.valid(now, e.opts.RenewDeadline) {
		e.finish(NotRenewed, "", now)
	}
	return e.term != nil
}

// During returns a context that ends with the present term, false without one.
func (e *Elector) During(ctx context.Context) (context.Context, context.CancelFunc, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.leads() {
		return nil, nil, false
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(e.term.ctx, cancel)
	return ctx, func() { stop(); cancel() }, true
}

// Changed receives after a change; Last says which.
func (e *Elector) Changed() <-chan struct{} { return e.changed }

// Last is the last change.
func (e *Elector) Last() Change {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.leads()
	return e.last
}

// Holder is who holds the Lease as far as is known, "" if nobody does.
func (e *Elector) Holder() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.known
}

// Changes is how often this process began or ceased to lead.
func (e *Elector) Changes() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.changes
}

// renewed begins a term with a renewal that was sent at a moment, or prolongs
// the one that is. One whose answer came too late does neither.
func (e *Elector) renewed(sent time.Time, reason, before string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	if fresh := (&term{renewed: sent}); !fresh.valid(now, e.opts.RenewDeadline) {
		return
	}
	left := e.opts.RenewDeadline - now.Sub(sent)
	if e.leads() {
		e.term.renewed = sent
		e.term.alarm.Reset(left)
		return
	}
	t := &term{renewed: sent}
	t.ctx, t.end = context.WithCancel(context.Background())
	t.alarm = time.AfterFunc(left, func() { e.Leads() })
	e.term = t
	e.note(Change{Leads: true, Term: e.last.Term + 1, At: now, Reason: reason, Other: before})
}

// lose ends the term, if there is one.
func (e *Elector) lose(reason, other string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.term != nil {
		e.finish(reason, other, time.Now())
	}
}

// finish ends the term. It is called under the lock.
func (e *Elector) finish(reason, other string, now time.Time) {
	e.term.alarm.Stop()
	e.term.end()
	e.term = nil
	e.note(Change{Term: e.last.Term, At: now, Reason: reason, Other: other})
}

// note keeps a change and wakes whoever waits for one. It is called under the lock.
func (e *Elector) note(c Change) {
	e.last = c
	e.changes++
	select {
	case e.changed <- struct{}{}:
	default:
	}
}
