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
		return nil, ptr(vanished("the workload was deleted"))
	case err != nil:
		return nil, ptr(failed(err))
	case string(live.Metadata.UID) != w.UID:
		return nil, ptr(vanished("the workload was deleted and made again"))
	}
	return live, nil
}

// decide judges a write on what the API server says now; nil lets it pass.
func decide(live *workload, d policy.Decision) *ending {
	switch {
	case live.Metadata.DeletionTimestamp != nil:
		return ptr(vanished("the workload is being deleted"))
	case optedOut(live):
		return ptr(refused(OptedOut, fmt.Sprintf("annotation %s is %s", ledger.ModeAnnotation,
			printable(live.Metadata.Annotations[ledger.ModeAnnotation]))))
	case live.Spec.Paused:
		return ptr(refused(Paused, "the workload is paused"))
	}
	current, err := hash(live.Spec.Template)
	switch {
	case err != nil:
		return ptr(refused(Rejected, err.Error()))
	case d.Kind == policy.Undo && d.To.Template != "" && current == d.To.Template:
		return ptr(noChange(TargetEqualsCurrent, "the workload already has the template to return to", live.Metadata.Generation))
	case live.Metadata.Generation != d.Generation:
		return ptr(stale(GenerationMoved, fmt.Sprintf("generation is %d, %d was judged", live.Metadata.Generation, d.Generation)))
	case current != d.From.Template:
		return ptr(stale(TemplateChanged, "the template is not the one that was judged"))
	case live.Spec.Replicas != nil && *live.Spec.Replicas == 0:
		return ptr(stale(ScaledToZero, "the workload is scaled to zero"))
	}
	return nil
}

// optedOut tells whether the owner forbids acting. Spelling must not decide
// whether a workload is touched.
func optedOut(live *workload) bool {
	mode := strings.ToLower(strings.TrimSpace(live.Metadata.Annotations[ledger.ModeAnnotation]))
	return mode == string(policy.Off) || mode == string(policy.Observe)
}

func ptr[T any](v T) *T { return &v }
