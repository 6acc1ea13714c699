package world

import (
	"reflect"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// status adds up the ReplicaSets' statuses.
func (r *rollout) status() appsv1.DeploymentStatus {
	s := appsv1.DeploymentStatus{ObservedGeneration: r.d.Generation, Conditions: r.d.Status.Conditions}
	all := r.old
	if r.current != nil {
		all = append([]*appsv1.ReplicaSet{r.current}, r.old...)
		s.UpdatedReplicas = r.current.Status.Replicas
	}
	for _, rs := range all {
		s.Replicas += rs.Status.Replicas
		s.ReadyReplicas += rs.Status.ReadyReplicas
		s.AvailableReplicas += rs.Status.AvailableReplicas
	}
	s.UnavailableReplicas = max(r.replicas-s.AvailableReplicas, 0)
	return s
}

func (r *rollout) complete(s appsv1.DeploymentStatus) bool {
	return s.UpdatedReplicas == r.replicas && s.Replicas == r.replicas && s.AvailableReplicas == r.replicas
}

// writeStatus writes the status and the controller's own annotation, neither
// of which moves the generation.
func (r *rollout) writeStatus() {
	s := r.status()
	s.Conditions = []appsv1.DeploymentCondition{r.progressing(s)}
	next := *r.d
	next.Status = s
	if r.current != nil {
		next.Annotations = with(next.Annotations, revisionAnnotation, strconv.FormatInt(number(r.current), 10))
	}
	if reflect.DeepEqual(next.Status, r.d.Status) && next.Annotations[revisionAnnotation] == r.d.Annotations[revisionAnnotation] {
		return
	}
	r.w.Replace(r.w.Deployments, &next)
}

// progressing is the condition as it is to be: one that says that the deadline
// was exceeded stays until something moves.
func (r *rollout) progressing(s appsv1.DeploymentStatus) appsv1.DeploymentCondition {
	var was appsv1.DeploymentCondition
	if len(r.d.Status.Conditions) > 0 {
		was = r.d.Status.Conditions[0]
	}
	old := r.d.Status
	deadline := time.Duration(*r.d.Spec.ProgressDeadlineSeconds) * time.Second
	now := r.w.Clock.Now()
	switch {
	case r.d.Spec.Paused:
		return r.condition(was, corev1.ConditionUnknown, "DeploymentPaused", false)
	case was.Reason == "DeploymentPaused":
		return r.condition(was, corev1.ConditionUnknown, "DeploymentResumed", false)
	case r.complete(s):
		return r.condition(was, corev1.ConditionTrue, "NewReplicaSetAvailable", false)
	case was.Reason == "", s.UpdatedReplicas > old.UpdatedReplicas, s.ReadyReplicas > old.ReadyReplicas,
		s.AvailableReplicas > old.AvailableReplicas, s.Replicas-s.UpdatedReplicas < old.Replicas-old.UpdatedReplicas:
		return r.condition(was, corev1.ConditionTrue, "ReplicaSetUpdated", true)
	case r.current != nil && r.current.CreationTimestamp.After(was.LastUpdateTime.Time):
		return r.condition(was, corev1.ConditionTrue, "NewReplicaSetCreated", true)
	case was.Reason == "NewReplicaSetAvailable", was.Status == corev1.ConditionFalse:
		// A return to an existing ReplicaSet does not start the clock again.
		return was
	}
	due := was.LastUpdateTime.Add(deadline)
	if now.After(due) {
		return r.condition(was, corev1.ConditionFalse, "ProgressDeadlineExceeded", false)
	}
	name := r.d.Name
	r.w.Clock.After(due.Sub(now)+time.Second, func() { r.w.requeue(name) })
	return was
}

// condition replaces a condition if that says anything new, or if a renewal is
// asked for.
func (r *rollout) condition(was appsv1.DeploymentCondition, status corev1.ConditionStatus, reason string, renew bool) appsv1.DeploymentCondition {
	if was.Reason == reason && was.Status == status && !renew {
		return was
	}
	now := metav1.NewTime(r.w.Clock.Now().Truncate(time.Second))
	next := appsv1.DeploymentCondition{
		Type: appsv1.DeploymentProgressing, Status: status, Reason: reason, LastUpdateTime: now, LastTransitionTime: now,
	}
	if was.Status == status {
		next.LastTransitionTime = was.LastTransitionTime
	}
	return next
}
