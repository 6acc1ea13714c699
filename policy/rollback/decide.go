package rollback

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
)

// look reads the workload. The ending is set when there is nothing to act on.
func (e *Executor) look(ctx context.Context, w policy.Workload) (*workload, *ending) {
	live, err := e.api.get(ctx, deployments, w.Namespace, w.Name)
	switch {
	case apierrors.IsNotFound(err):
		return nil, new(vanished("the workload was deleted"))
	case err != nil:
		return nil, new(failed(err))
	case string(live.Metadata.UID) != w.UID:
		return nil, new(vanished("the workload was deleted and made again"))
	}
	return live, nil
}

// decide judges a write on what the API server says now; nil lets it pass.
func decide(live *workload, d policy.Decision) *ending {
	switch {
	case live.Metadata.DeletionTimestamp != nil:
		return new(vanished("the workload is being deleted"))
	case optedOut(live):
		return new(refused(OptedOut, fmt.Sprintf("annotation %s is %s", ledger.ModeAnnotation,
			printable(live.Metadata.Annotations[ledger.ModeAnnotation]))))
	case live.Spec.Paused:
		return new(refused(Paused, "the workload is paused"))
	}
	current, err := hash(live.Spec.Template)
	switch {
	case err != nil:
		return new(refused(Rejected, err.Error()))
	case d.Kind == policy.Undo && d.To.Template != "" && current == d.To.Template:
		return new(noChange(TargetEqualsCurrent, "the workload already has the template to return to", live.Metadata.Generation))
	case live.Metadata.Generation != d.Generation:
		return new(stale(GenerationMoved, fmt.Sprintf("generation is %d, %d was judged", live.Metadata.Generation, d.Generation)))
	case current != d.From.Template:
		return new(stale(TemplateChanged, "the template is not the one that was judged"))
	case live.Spec.Replicas != nil && *live.Spec.Replicas == 0:
		return new(stale(ScaledToZero, "the workload is scaled to zero"))
	}
	return nil
}

// optedOut tells whether the owner forbids acting. Spelling must not decide
// whether a workload is touched.
func optedOut(live *workload) bool {
	mode := strings.ToLower(strings.TrimSpace(live.Metadata.Annotations[ledger.ModeAnnotation]))
	return mode == string(policy.Off) || mode == string(policy.Observe)
}
