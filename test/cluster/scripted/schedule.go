package scripted

import (
	"context"
	"fmt"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	defaultScheduler    = "default-scheduler"
	conditionReasonFits = "Unschedulable"
)

// schedule binds a pending pod, or says why it cannot.
func (k *Kubelet) schedule(ctx context.Context, pod *v1.Pod) (time.Time, error) {
	if pod.DeletionTimestamp != nil || len(pod.Spec.SchedulingGates) > 0 || pod.Spec.SchedulerName != defaultScheduler {
		return time.Time{}, nil
	}
	name, problem := k.scheduler.Place(pod)
	if problem != "" {
		return time.Now().Add(scheduleRetry), k.unschedulable(ctx, pod, problem)
	}
	err := k.client.CoreV1().Pods(pod.Namespace).Bind(ctx, &v1.Binding{
		ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
		Target:     v1.ObjectReference{Kind: "Node", Name: name},
	}, metav1.CreateOptions{})
	switch {
	case apierrors.IsNotFound(err), apierrors.IsConflict(err):
		// It is gone, or was bound already and the watch will say so.
		return time.Time{}, nil
	case err != nil:
		k.scheduler.Release(pod.Namespace + "/" + pod.Name)
		return time.Time{}, fmt.Errorf("bind pod: %w", err)
	}
	k.recorder.Eventf(pod, v1.EventTypeNormal, "Scheduled", "Successfully assigned %s/%s to %s", pod.Namespace, pod.Name, name)
	return time.Time{}, nil
}

func (k *Kubelet) unschedulable(ctx context.Context, pod *v1.Pod, message string) error {
	for _, c := range pod.Status.Conditions {
		if c.Type == v1.PodScheduled && c.Message == message {
			return nil
		}
	}
	k.recorder.Event(pod, v1.EventTypeWarning, "FailedScheduling", message)
	status := withCondition(pod.Status, v1.PodCondition{
		Type: v1.PodScheduled, Status: v1.ConditionFalse, Reason: conditionReasonFits, Message: message,
		LastTransitionTime: metav1.Now(), ObservedGeneration: pod.Generation,
	})
	_, err := k.patchStatus(ctx, pod, status)
	return err
}
