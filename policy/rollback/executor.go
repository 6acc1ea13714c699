package rollback

import (
	"context"
	"fmt"

	"github.com/undog-dev/undog/policy"
)

// Executor carries out decisions. It may be used by several goroutines.
type Executor struct {
	opts Options
	api  api
}

// New makes an Executor.
func New(opts Options) (*Executor, error) {
	if err := opts.complete(); err != nil {
		return nil, fmt.Errorf("make executor: %w", err)
	}
	return &Executor{opts: opts, api: api{
		apps: opts.Apps, core: opts.Core, manager: opts.FieldManager, timeout: opts.Timeout / requestShare,
	}}, nil
}

// Do carries out a decision and says how that ended. It ends within the
// Timeout. A decision that is repeated does no harm.
func (e *Executor) Do(ctx context.Context, d policy.Decision) policy.Outcome {
	ctx, cancel := context.WithTimeout(ctx, e.opts.Timeout)
	defer cancel()
	captured := e.capture(ctx, d)
	var end ending
	switch d.Kind {
	case policy.Remember:
		end = e.remember(ctx, d, captured)
	case policy.Undo:
		end = e.act(ctx, d, e.planUndo, captured)
	case policy.Pause:
		end = e.act(ctx, d, e.planPause, captured)
	case policy.Resume:
		end = e.resume(ctx, d)
	case policy.Tidy:
		end = e.tidy(ctx, d)
	case policy.Compare:
		end = refused(NotAnAction, "Compare is not an action: ask Compare")
	default:
		end = refused(NotAnAction, fmt.Sprintf("decision kind %q is unknown", d.Kind))
	}
	e.log(ctx, d, end)
	if end.result != policy.Done && end.result != policy.Refused {
		cancel() // Nothing is told of it: nobody waits for what it was to tell.
	}
	return policy.Outcome{
		At:         e.opts.Now(),
		Workload:   d.Workload,
		DecisionID: d.ID,
		Kind:       d.Kind,
		Result:     end.result,
		Reason:     end.reason,
		Message:    end.message,
		Generation: end.generation,
		Captured:   captured(),
	}
}

func (e *Executor) log(ctx context.Context, d policy.Decision, end ending) {
	log := e.opts.Log.InfoContext
	if end.result == policy.Refused || end.result == policy.Failed {
		log = e.opts.Log.WarnContext
	}
	args := []any{
		"action", string(d.Kind), "result", string(end.result),
		"namespace", d.Workload.Namespace, "deployment", d.Workload.Name, "revision", revision(d).Number,
	}
	if end.reason != "" {
		args = append(args, "reason", end.reason)
	}
	if end.message != "" {
		args = append(args, "message", end.message)
	}
	log(ctx, "carried out decision", args...)
}

// revision is the one that a decision is about.
func revision(d policy.Decision) policy.RevisionRef {
	if d.Kind == policy.Remember {
		return d.Record.Revision
	}
	return d.From
}
