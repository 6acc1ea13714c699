package rollback

import (
	"context"
	"fmt"
	"strings"

	"github.com/undog-dev/undog/policy"
)

// RefusalError says that an undo would be refused.
type RefusalError struct {
	// Reason is one of the reasons of an Outcome.
	Reason string
	// Message is a sentence for people.
	Message string
}

// Error is the reason with its message.
func (e *RefusalError) Error() string { return e.Reason + ": " + e.Message }

// Precheck asks the API server for a dry run of an undo. It belongs to the
// moment of suspicion, when there is time. A *RefusalError says that the undo
// would be refused as things are; any other error says nothing about it, and
// nor does a webhook that cannot take part in a dry run.
func (e *Executor) Precheck(ctx context.Context, d policy.Decision) error {
	ctx, cancel := context.WithTimeout(ctx, e.opts.Timeout)
	defer cancel()
	d.Kind = policy.Undo
	live, end := e.look(ctx, d.Workload)
	var p plan
	if end == nil {
		p, end = e.planUndo(ctx, live, d)
	}
	if end == nil {
		_, err := e.api.patch(ctx, d.Workload, p.ops, true)
		if err == nil || cannotDryRun(err) {
			return nil
		}
		end = new(failed(err))
	}
	switch end.result {
	case policy.Refused:
		return &RefusalError{Reason: end.reason, Message: end.message}
	case policy.Done, policy.NoChange:
		return nil
	case policy.Stale, policy.Vanished, policy.Failed:
	}
	return fmt.Errorf("precheck undo of deployment %s: %s: %s", d.Workload, end.reason, end.message)
}

// cannotDryRun recognises the API server's answer when a webhook has side
// effects; there is no code for it.
func cannotDryRun(err error) bool {
	_, message := status(err)
	return strings.Contains(message, "does not support dry run")
}
