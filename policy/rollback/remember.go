package rollback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
)

// remember keeps the record with the revision's template, if its ReplicaSet
// still has it.
func (e *Executor) remember(ctx context.Context, d policy.Decision, captured func() []policy.Captured) ending {
	if !e.opts.MayAct() {
		return refused(NotLeader, "this undog does not lead")
	}
	if d.Record.Verdict == policy.Bad && d.Record.Contested == nil && d.Record.Withdrawn == nil {
		// A verdict is told to everybody: it must not rest on an old cache either.
		if end := e.stands(ctx, d); end != nil {
			return *end
		}
	}
	if d.AtLeast > 0 {
		if end := e.stillAvailable(ctx, d); end != nil {
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
	if end := e.clockHolds(d); end != nil {
		return *end
	}
	d.Record.Captured = captured()
	if err := e.keep(ctx, d, raw); err != nil {
		return failed(err)
	}
	e.prune(ctx, d.Workload)
	return done(0)
}

// keep writes the record down. Where it is not certain whether that was done it
// is done once more, which changes nothing if it was: a record that is there
// and not known to be undog's own deed would be told of late.
func (e *Executor) keep(ctx context.Context, d policy.Decision, template json.RawMessage) error {
	err := e.opts.Ledger.Remember(ctx, d.Workload, d.Record, template)
	if err == nil || !mayHaveBeenApplied(err) || ctx.Err() != nil || !e.opts.MayAct() {
		return err
	}
	return e.opts.Ledger.Remember(ctx, d.Workload, d.Record, template)
}

// stillAvailable tells whether a revision that is to be found good has as many
// pods available as when it was judged: a cache that stood still shows what
// was. nil lets it pass.
func (e *Executor) stillAvailable(ctx context.Context, d policy.Decision) *ending {
	live, end := e.look(ctx, d.Workload)
	if end != nil {
		return end
	}
	if d.Record.Adopted {
		// It is being replaced: only its own ReplicaSet speaks of it.
		var err error
		live, err = e.api.get(ctx, replicaSets, d.Workload.Namespace, d.From.Name)
		switch {
		case apierrors.IsNotFound(err):
			return new(stale(NotAvailable, "its replica set is gone"))
		case err != nil:
			return new(failed(err))
		case string(live.Metadata.UID) != d.From.UID:
			return new(stale(NotAvailable, "its replica set is another one by now"))
		}
	}
	current, err := hash(live.Spec.Template)
	switch {
	case err != nil:
		return new(refused(Rejected, err.Error()))
	case current != d.From.Template:
		return new(stale(TemplateChanged, "the template is not the one that was judged"))
	case live.Status.AvailableReplicas < d.AtLeast:
		return new(stale(NotAvailable, fmt.Sprintf("%d pods are available, %d were", live.Status.AvailableReplicas, d.AtLeast)))
	}
	return nil
}
