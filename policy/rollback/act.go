package rollback

import (
	"context"
	"net/http"
	"time"

	"github.com/undog-dev/undog/policy"
)

// maxAttempts bounds how often one action reads, decides and writes.
const maxAttempts = 4

// planner says with which operations a decision is carried out. The ending is
// set when there is nothing to write, because it is done or must not be.
type planner func(ctx context.Context, live *workload, d policy.Decision) ([]operation, *ending)

// act reads, decides again, remembers the record, and writes. Whenever it is
// not certain how a write ended it reads again: the decision's own mark shows
// whether it was made.
func (e *Executor) act(ctx context.Context, d policy.Decision, plan planner) ending {
	var last *ending // What the last write means if nothing moved since.
	remembered, retry := false, true
	for range maxAttempts {
		live, end := e.look(ctx, d.Workload)
		if end != nil {
			return *end
		}
		ops, end := plan(ctx, live, d)
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
		if !e.opts.MayAct() {
			return refused(NotLeader, "this undog does not lead")
		}
		if !remembered {
			if err := e.opts.Ledger.Remember(ctx, d.Workload, d.Record, live.Spec.Template); err != nil {
				return failed(err)
			}
			remembered = true
		}
		if !e.opts.MayAct() {
			return refused(NotLeader, "this undog no longer leads")
		}
		meta, err := e.api.patch(ctx, d.Workload, ops, false)
		if err == nil {
			e.giveBack(ctx, d.Workload, meta)
			e.prune(ctx, d.Workload)
			return done(meta.Generation)
		}
		last = new(failed(err))
		var look bool
		if look, retry = lookAgain(ctx, err); !look {
			return *last
		}
	}
	return *last
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
