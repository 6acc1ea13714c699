package scripted

import (
	"context"
	"encoding/json"
	"fmt"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

// write patches the status as a kubelet does: only what changed, with the UID
// as precondition, so that conditions that others set meanwhile stay and a
// conflict cannot occur. A pod that is gone needs no status.
func (k *Kubelet) write(ctx context.Context, s *state, pod *v1.Pod, status v1.PodStatus) error {
	if equality.Semantic.DeepEqual(pod.Status, status) {
		return nil
	}
	patched, err := k.patchStatus(ctx, pod, status)
	if err != nil || patched == nil {
		return err
	}
	s.written = patched
	return nil
}

// patchStatus returns the patched pod, or nil when the pod is gone.
func (k *Kubelet) patchStatus(ctx context.Context, pod *v1.Pod, status v1.PodStatus) (*v1.Pod, error) {
	patch, err := statusPatch(pod.UID, pod.Status, status)
	if err != nil {
		return nil, fmt.Errorf("make status patch: %w", err)
	}
	patched, err := k.client.CoreV1().Pods(pod.Namespace).Patch(ctx, pod.Name, types.StrategicMergePatchType,
		patch, metav1.PatchOptions{}, "status")
	switch {
	case apierrors.IsNotFound(err), apierrors.IsConflict(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("patch status: %w", err)
	}
	return patched, nil
}

func statusPatch(uid types.UID, before, after v1.PodStatus) ([]byte, error) {
	from, err := json.Marshal(v1.Pod{Status: before})
	if err != nil {
		return nil, fmt.Errorf("encode old status: %w", err)
	}
	to, err := json.Marshal(v1.Pod{ObjectMeta: metav1.ObjectMeta{UID: uid}, Status: after})
	if err != nil {
		return nil, fmt.Errorf("encode new status: %w", err)
	}
	patch, err := strategicpatch.CreateTwoWayMergePatch(from, to, v1.Pod{})
	if err != nil {
		return nil, fmt.Errorf("compare statuses: %w", err)
	}
	return patch, nil
}

// withCondition returns the status with the condition set.
func withCondition(status v1.PodStatus, condition v1.PodCondition) v1.PodStatus {
	status = *status.DeepCopy()
	for i := range status.Conditions {
		if status.Conditions[i].Type != condition.Type {
			continue
		}
		if status.Conditions[i].Status == condition.Status {
			condition.LastTransitionTime = status.Conditions[i].LastTransitionTime
		}
		status.Conditions[i] = condition
		return status
	}
	status.Conditions = append(status.Conditions, condition)
	return status
}
