package fleet

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// longestBackOff is what the kubelet says once it waits as long as it ever does.
const longestBackOff = "back-off 5m0s restarting failed container=%s pod=%s_%s(%s)"

// crashed is the status of an app that ended and is to be started again, was
// started again, or has just ended. status is what is so of any app by then.
func (s *Set) crashed(p *Pod, status *corev1.ContainerStatus) {
	status.RestartCount, status.Ready = p.Restarts, false
	before := &corev1.ContainerStateTerminated{
		ExitCode: 1, Reason: "Error", StartedAt: at(p.Tried), FinishedAt: at(p.Ended), ContainerID: attemptID(p, p.Restarts),
	}
	switch p.Stage {
	case Crashed:
		status.State, status.Started = corev1.ContainerState{Terminated: before}, new(false)
		status.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{
			ExitCode: 1, Reason: "Error", StartedAt: at(p.Tried - 310), FinishedAt: at(p.Tried - 300), ContainerID: attemptID(p, p.Restarts-1),
		}
	case BackOff:
		status.Started, status.LastTerminationState.Terminated = new(false), before
		status.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{
			Reason: "CrashLoopBackOff", Message: fmt.Sprintf(longestBackOff, app, s.Name(p), s.meta.Namespace, p.UID()),
		}}
	default:
		before.StartedAt, before.FinishedAt, before.ContainerID = at(p.Ended-10), at(p.Ended), attemptID(p, p.Restarts-1)
		status.LastTerminationState.Terminated = before
		status.State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: at(p.Tried)}}
	}
	status.ContainerID = attemptID(p, p.Restarts)
}

// attemptID is that of the app's container of one attempt.
func attemptID(p *Pod, restarts int32) string {
	return containerID(p.Number, 0, uint64(restarts)) //nolint:gosec // never below zero
}

// Lacking is the status of a Deployment and its ReplicaSet that were complete
// once, some of whose pods have long since not been ready.
func (d *Deployment) Lacking(o *appsv1.Deployment, rs *appsv1.ReplicaSet, pods int32) {
	rs.Status.ReadyReplicas, rs.Status.AvailableReplicas = d.Replicas-pods, d.Replicas-pods
	o.Status.ReadyReplicas, o.Status.AvailableReplicas, o.Status.UnavailableReplicas = d.Replicas-pods, d.Replicas-pods, pods
	if pods <= d.Replicas/4 {
		return // As many may be missing during a rollout.
	}
	for i := range o.Status.Conditions {
		if c := &o.Status.Conditions[i]; c.Type == appsv1.DeploymentAvailable {
			c.Status, c.Reason, c.Message = corev1.ConditionFalse, "MinimumReplicasUnavailable", "Deployment does not have minimum availability."
		}
	}
}
