package rollback

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
)

// maxWitnesses is how many pods are looked at before a write.
const maxWitnesses = 2

// stands tells whether the evidence still stands: one of the pods that
// convicted must be there, belong to the revision, not be on its way out, and
// not be ready. A conviction that names no pod has nothing to look at. nil
// lets the write pass.
func (e *Executor) stands(ctx context.Context, d policy.Decision) *ending {
	names := witnesses(d.Record)
	if len(names) == 0 {
		return nil
	}
	for _, name := range names {
		pod, err := e.api.pod(ctx, d.Workload.Namespace, name)
		switch {
		case apierrors.IsNotFound(err):
			continue
		case err != nil:
			return new(failed(err))
		case testifies(pod, d.From.UID):
			return nil
		}
	}
	return new(stale(EvidenceGone, "the pods that failed are ready now or no longer there"))
}

// witnesses are the first pods that the failures name.
func witnesses(rec policy.Record) []string {
	var names []string
	for _, f := range rec.Failures {
		for _, name := range f.Samples {
			if len(names) == maxWitnesses {
				return names
			}
			if name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func testifies(pod *corev1.Pod, revisionUID string) bool {
	owner := metav1.GetControllerOfNoCopy(pod)
	if owner == nil || string(owner.UID) != revisionUID || pod.DeletionTimestamp != nil {
		return false
	}
	return !is(pod, corev1.DisruptionTarget) && !is(pod, corev1.PodReady)
}

func is(pod *corev1.Pod, condition corev1.PodConditionType) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == condition && c.Status == corev1.ConditionTrue
	})
}
