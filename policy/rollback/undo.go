package rollback

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
)

const (
	causeAnnotation = "kubernetes.io/change-cause"
	causePrefix     = "undog: back to "
	maxCause        = 1 << 10
)

// planUndo sets the template to the target's. The mark, the cause and the
// template are one patch, so that there is no one without the others.
func (e *Executor) planUndo(ctx context.Context, live *workload, d policy.Decision) (plan, *ending) {
	rollbacks := e.rollbacks(ctx, live, d)
	if slices.ContainsFunc(rollbacks, func(r policy.Rollback) bool { return r.DecisionID == d.ID }) {
		return plan{}, new(done(live.Metadata.Generation))
	}
	if end := decide(live, d); end != nil {
		return plan{}, end
	}
	if slices.ContainsFunc(rollbacks, func(r policy.Rollback) bool { return r.Template == d.From.Template }) {
		// Whoever decided this had not seen it yet.
		return plan{}, new(stale(UndoneBefore, "this template was undone before and is back"))
	}
	target, note, end := e.target(ctx, live, d)
	if end != nil {
		return plan{}, end
	}
	mark, err := ledger.EncodeRollbacks(append(rollbacks, policy.Rollback{
		DecisionID: d.ID, Workload: d.Workload.UID, At: e.opts.Now().UTC(), From: d.From.UID, To: d.To.UID, Template: d.From.Template,
	}))
	if err != nil {
		return plan{}, new(failed(err))
	}
	ops := append(fence(&live.Metadata), operation{Op: "replace", Path: "/spec/template", Value: target})
	ops = append(ops, annotate(&live.Metadata, map[string]string{
		ledger.RollbacksAnnotation: mark,
		causeAnnotation:            cause(d),
	})...)
	return plan{ops: ops, note: note}, nil
}

// rollbacks are the undos that the workload remembers of itself. Those of
// another workload came with a manifest that was copied. One that names none
// was written by an old version; it counts if it was between the same revisions.
func (e *Executor) rollbacks(ctx context.Context, live *workload, d policy.Decision) []policy.Rollback {
	all, err := ledger.DecodeRollbacks(live.Metadata.Annotations[ledger.RollbacksAnnotation])
	if err != nil {
		// A value that undog did not write says nothing about what undog did.
		e.opts.Log.WarnContext(ctx, "cannot read what was undone before", "namespace", d.Workload.Namespace,
			"deployment", d.Workload.Name, "reason", printable(err.Error()))
	}
	known := []string{d.From.UID, d.To.UID}
	return slices.DeleteFunc(all, func(r policy.Rollback) bool {
		if r.Workload == "" {
			return !slices.Contains(known, r.From) && !slices.Contains(known, r.To)
		}
		return r.Workload != d.Workload.UID
	})
}

// target is the template to return to, if it is one that may be returned to,
// and a note about what could not be looked at.
func (e *Executor) target(ctx context.Context, live *workload, d policy.Decision) (json.RawMessage, string, *ending) {
	bad, err := e.opts.Ledger.Condemned(ctx, d.Workload, d.To)
	switch {
	case err != nil:
		return nil, "", new(failed(err))
	case bad:
		return nil, "", new(stale(TargetCondemned, "the revision to return to is on record as bad"))
	case d.To.Template == "":
		return nil, "", new(refused(NoTarget, "the record of the revision to return to does not say which template it had"))
	}
	target, err := e.templateOf(ctx, d.Workload, d.To)
	if err != nil {
		return nil, "", new(failed(err))
	}
	if same, err := e.unchanged(live, target); err != nil || same {
		if err != nil {
			return nil, "", new(refused(NoTarget, err.Error()))
		}
		return nil, "", new(noChange(TargetEqualsCurrent, "the workload already has the template to return to", live.Metadata.Generation))
	}
	note, end := e.completes(ctx, d.Workload.Namespace, target)
	return target, note, end
}

func (e *Executor) unchanged(live *workload, target []byte) (bool, error) {
	now, err := hash(live.Spec.Template)
	if err != nil {
		return false, err
	}
	then, err := hash(target)
	return now == then, err
}

// cause is the sentence that `kubectl rollout history` shows.
func cause(d policy.Decision) string {
	var b strings.Builder
	b.WriteString(causePrefix)
	if d.To.Number > 0 {
		fmt.Fprintf(&b, "revision %d", d.To.Number)
	} else {
		b.WriteString("the last good revision")
	}
	if len(d.To.Images) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(d.To.Images, ", "))
	}
	for _, part := range []string{d.Record.Reason, d.Record.Message} {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	return cut(b.String(), maxCause)
}
