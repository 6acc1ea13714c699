package rollback

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
)

// remember keeps the record with the revision's template, if its ReplicaSet
// still has it.
func (e *Executor) remember(ctx context.Context, d policy.Decision) ending {
	if !e.opts.MayAct() {
		return refused(NotLeader, "this undog does not lead")
	}
	if d.Record.Verdict == policy.Bad && d.Record.Contested == nil {
		// A verdict is told to everybody: it must not rest on an old cache either.
		if end := e.stands(ctx, d); end != nil {
			return *end
		}
	}
	var raw json.RawMessage
	if _, none := e.opts.Ledger.(ledger.None); !none {
		var err error
		raw, err = e.fromReplicaSet(ctx, d.Workload, d.Record.Revision)
		if err != nil && !errors.Is(err, ledger.ErrNoTemplate) {
			return failed(err)
		}
	}
	if err := e.opts.Ledger.Remember(ctx, d.Workload, d.Record, raw); err != nil {
		return failed(err)
	}
	e.prune(ctx, d.Workload)
	return done(0)
}
