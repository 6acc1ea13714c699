package rollback

import (
	"context"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
)

// planPause pauses the workload where it stands.
func (e *Executor) planPause(_ context.Context, live *workload, d policy.Decision) (plan, *ending) {
	if live.Spec.Paused {
		if live.Metadata.Annotations[ledger.PausedByAnnotation] == d.ID {
			return plan{}, new(done(live.Metadata.Generation))
		}
		return plan{}, new(noChange(AlreadyPaused, "the workload is already paused", live.Metadata.Generation))
	}
	if end := decide(live, d); end != nil {
		return plan{}, end
	}
	ops := append(fence(&live.Metadata), operation{Op: "add", Path: "/spec/paused", Value: true})
	return plan{ops: append(ops, annotate(&live.Metadata, map[string]string{ledger.PausedByAnnotation: d.ID})...)}, nil
}
