package rollback

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
)

// maxAttempts bounds how often one action reads, decides and writes.
const maxAttempts = 4

// planner says with which operations a decision is carried out. The ending is
// set when there is nothing to write, because it is done or must not be.
type planner func(ctx context.Context, live *workload, d policy.Decision) (plan, *ending)

// plan is what to write, with a sentence about what was not looked at before.
type plan struct {
	ops  []operation
	note string
}

// act reads, decides again, remembers the record, and writes. Whenever it is
// not certain how a write ended it reads again: the decision's own mark shows
// whether it was made.
func (e *Executor) act(ctx context.Context, d policy.Decision, planned planner, captured func() []policy.Captured) ending {
	var last *ending // What the last write means if nothing moved since.
	remembered, retry := false, true
	for range maxAttempts {
		live, end := e.look(ctx, d.Workload)
		if end != nil {
			return *end
		}
		p, end := planned(ctx, live, d)
		if end != nil {
			if end.result == policy.Done {
				e.giveBack(ctx, d.Workload, &live.Metadata)
			}
			return *end
		}
		if !retry {
			return *last
		}
		if end := e.stands(ctx, d); end != nil {
			return *end
		}
		if end := e.clockHolds(d); end != nil {
			return *end
		}
		if end := e.mayAct(); end != nil {
			return *end
		}
		if !remembered {
			d.Record.Captured = captured()
			if end := e.record(ctx, d, live); end != nil {
				return *end
			}
			remembered = true
		}
		if end := e.mayAct(); end != nil {
			return *end
		}
		meta, err := e.api.patch(ctx, d.Workload, p.ops, false)
		if err == nil {
			e.giveBack(ctx, d.Workload, meta)
			e.prune(ctx, d.Workload)
			end := done(meta.Generation)
			end.message = p.note
			return end
		}
		last = new(failed(err))
		var look bool
		if look, retry = lookAgain(ctx, err); !look {
			return *last
		}
	}
	return *last
}

// mayAct is nil while this undog may touch workloads: both can change while it
// reads.
func (e *Executor) mayAct() *ending {
	switch {
	case !e.opts.MayAct():
		return new(refused(NotLeader, "this undog does not lead"))
	case e.opts.Observes():
		return new(refused(Observing, "undog only observes by now"))
	}
	return nil
}

// record keeps the record before the write; nil lets the write pass. That
// somebody else's objects have all its names must not keep a bad revision in
// place: what the workload remembers of an undo is proof enough of it. A pause
// is not made without a record, since it could not be taken back.
func (e *Executor) record(ctx context.Context, d policy.Decision, live *workload) *ending {
	err := e.keep(ctx, d, live.Spec.Template)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ledger.ErrForeign) && d.Kind == policy.Undo:
		e.opts.Log.WarnContext(ctx, "cannot keep the record of an undo, which is made nevertheless", "namespace", d.Workload.Namespace,
			"deployment", d.Workload.Name, "revision", d.From.Number, "reason", printable(err.Error()))
		return nil
	}
	return new(failed(err))
}

// lookAgain tells whether reading again can tell more than the server's answer
// did, and whether the write may be tried again if it turns out that it was
// not made and nothing moved. It waits as long as the server asked for.
func lookAgain(ctx context.Context, err error) (look, retry bool) {
	if delay, ok := asksToWait(err); ok {
		waited := wait(ctx, delay)
		return waited, waited
	}
	code, _ := status(err)
	return mayHaveBeenApplied(err) || code == http.StatusUnprocessableEntity, code == 0
}

// wait is false when ctx ends first, or would.
func wait(ctx context.Context, delay time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < delay {
		return false
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// prune is housekeeping: its failure is told and changes nothing.
func (e *Executor) prune(ctx context.Context, w policy.Workload) {
	if err := e.opts.Ledger.Prune(ctx, w); err != nil {
		e.opts.Log.WarnContext(ctx, "cannot prune the ledger", "namespace", w.Namespace, "deployment", w.Name, "reason", printable(err.Error()))
	}
}
