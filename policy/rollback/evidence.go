package rollback

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
)

// maxWitnesses is how many pods are looked at before a write, until there is one that
// testifies. A failure names those first that failed most often, and one that failed just
// now, while the others run again for a while, comes last.
const maxWitnesses = 2 * policy.MaxSamples

// stands tells whether the evidence still stands: one of the pods that
// convicted must be there, belong to the revision, not be on its way out, and
// not be ready. A conviction that names no pod has nothing to look at. nil
// lets the write pass.
func (e *Executor) stands(ctx context.Context, d policy.Decision) *ending {
	all := witnesses(d.Record)
	if len(all) == 0 {
		return nil
	}
	for _, w := range all {
		pod, err := e.api.pod(ctx, d.Workload.Namespace, w.pod)
		switch {
		case apierrors.IsNotFound(err):
			continue
		case err != nil:
			return new(failed(err))
		case testifies(pod, d.From.UID) && !w.overcome(pod):
			return nil
		}
	}
	return new(stale(EvidenceGone, "the pods that failed are ready now or no longer there"))
}

// witness is a pod and what it is said to have shown.
type witness struct {
	pod     string
	failure *policy.Failure
}

// witnesses are the first pods that the failures name.
func witnesses(rec policy.Record) []witness {
	var all []witness
	for i := range rec.Failures {
		f := &rec.Failures[i]
		for _, name := range f.Samples {
			if len(all) == maxWitnesses {
				return all
			}
			if name != "" && !slices.ContainsFunc(all, func(w witness) bool { return w.pod == name }) {
				all = append(all, witness{name, f})
			}
		}
	}
	return all
}

// overcome tells whether the container got past what held it up: it runs now.
// That a container which exits runs now and then says nothing.
func (w witness) overcome(pod *corev1.Pod) bool {
	if w.failure.Exited || w.failure.Container == "" {
		return false
	}
	statuses := pod.Status.ContainerStatuses
	if w.failure.Init {
		statuses = pod.Status.InitContainerStatuses
	}
	return slices.ContainsFunc(statuses, func(s corev1.ContainerStatus) bool {
		return s.Name == w.failure.Container && s.State.Running != nil
	})
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
