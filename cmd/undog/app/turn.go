package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/undog-dev/undog/notify/outbox"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/rollback"
)

// turn is what undog does beside the loop when it begins to act, and when it
// ceases to.
type turn struct {
	who    *election
	outbox *outbox.Outbox
	mem    memory
	exec   *rollback.Executor
	debts  *owed
	log    *slog.Logger
	// begun has room for one.
	begun chan struct{}
}

func newTurn(who *election, e *events, mem memory, exec *rollback.Executor, debts *owed, log *slog.Logger) *turn {
	t := &turn{who: who, outbox: e.outbox, mem: mem, exec: exec, debts: debts, log: log, begun: make(chan struct{}, 1)}
	if who.elector == nil {
		t.begun <- struct{}{}
	}
	return t
}

// leading is the loop's part.
func (t *turn) leading() leading {
	if t.who.elector == nil {
		return leading{}
	}
	return leading{
		changed: t.who.elector.Changed(), last: t.who.elector.Last, who: t.who.who,
		// Whoever stops may take the grace to end its writes, and whoever dies is
		// missed for as long as a lease.
		remember: t.who.every + stopGrace + 30*time.Second,
		begins: func(held []policy.Transition) {
			t.outbox.Inherit(held)
			select {
			case t.begun <- struct{}{}:
			default:
			}
		},
		ends: t.outbox.Yield,
	}
}

// run makes good, whenever a turn begins, what whoever had the last one may have
// left undone: it died between two writes, or before it told.
func (t *turn) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.begun:
			t.outbox.Reconcile()
			t.giveBack(ctx)
		}
	}
}

// giveBack hands the fields of undone or paused workloads back to their owners,
// where an undog died between its two patches.
func (t *turn) giveBack(ctx context.Context) {
	for _, o := range t.mem.Remembered(time.Now()) {
		if ctx.Err() != nil || !t.who.active() {
			return
		}
		if len(o.Rollbacks) == 0 && o.PausedBy == "" && o.Resumed == "" {
			continue
		}
		if err := t.exec.GiveBack(ctx, o.Workload); err != nil {
			t.log.Warn("cannot give the ownership of fields back", "namespace", o.Workload.Namespace,
				"deployment", o.Workload.Name, "err", err)
			t.debts.failed(o.Workload, err)
		}
	}
}
