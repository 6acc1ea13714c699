package world

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// status adds up the ReplicaSets' statuses.
func (r *rollout) status() appsv1.DeploymentStatus {
	s := appsv1.DeploymentStatus{
		ObservedGeneration: r.d.Generation, Conditions: slices.Clone(r.d.Status.Conditions), TerminatingReplicas: new(int32),
	}
	if r.current != nil {
		s.UpdatedReplicas = r.current.Status.Replicas
	}
	for _, rs := range r.all() {
		s.Replicas += rs.Status.Replicas
		s.ReadyReplicas += rs.Status.ReadyReplicas
		s.AvailableReplicas += rs.Status.AvailableReplicas
		if t := rs.Status.TerminatingReplicas; t != nil {
			*s.TerminatingReplicas += *t
		}
	}
	s.UnavailableReplicas = max(r.asked()-s.AvailableReplicas, 0)
	return s
}

func (r *rollout) complete(s appsv1.DeploymentStatus) bool {
	return s.UpdatedReplicas == r.replicas() && s.Replicas == r.replicas() &&
		s.AvailableReplicas == r.replicas() && s.ObservedGeneration >= r.d.Generation
}

// writeStatus writes the status and the controller's own annotation, neither
// of which moves the generation.
func (r *rollout) writeStatus() {
	was := r.d.Status
	s := r.status()
	r.available(&s)
	r.progress(&s, was)
	r.failure(&s)
	next := *r.d
	next.Status = s
	if r.current != nil {
		if n := strconv.FormatInt(Number(r.current), 10); next.Annotations[revisionAnnotation] != n {
			next.Annotations = maps.Clone(next.Annotations)
			next.Annotations[revisionAnnotation] = n
		}
	}
	stored, _ := r.w.Get(Deployments, r.d.Name).(*appsv1.Deployment)
	if reflect.DeepEqual(next.Status, stored.Status) && next.Annotations[revisionAnnotation] == stored.Annotations[revisionAnnotation] {
		return
	}
	r.w.Replace(Deployments, &next)
}

func (r *rollout) available(s *appsv1.DeploymentStatus) {
	if s.AvailableReplicas >= r.replicas()-r.down {
		r.put(s, appsv1.DeploymentAvailable, corev1.ConditionTrue, "MinimumReplicasAvailable", "Deployment has minimum availability.", false)
	} else {
		r.put(s, appsv1.DeploymentAvailable, corev1.ConditionFalse, "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", false)
	}
}

// progress is the condition Progressing: every step forward renews it, and
// without one the deadline passes.
func (r *rollout) progress(s *appsv1.DeploymentStatus, was appsv1.DeploymentStatus) {
	now := condition(s, appsv1.DeploymentProgressing)
	name := r.d.Name
	if r.current != nil {
		name = fmt.Sprintf("ReplicaSet %q", r.current.Name)
	}
	switch {
	case r.d.Spec.Paused:
		if now == nil || now.Reason != "ProgressDeadlineExceeded" && now.Reason != "DeploymentPaused" {
			r.put(s, appsv1.DeploymentProgressing, corev1.ConditionUnknown, "DeploymentPaused", "Deployment is paused", true)
		}
		return
	case now != nil && now.Reason == "DeploymentPaused":
		r.put(s, appsv1.DeploymentProgressing, corev1.ConditionUnknown, "DeploymentResumed", "Deployment is resumed", true)
		return
	case now != nil && now.Reason == "NewReplicaSetAvailable" && s.Replicas == s.UpdatedReplicas:
		return
	case r.complete(*s):
		r.put(s, appsv1.DeploymentProgressing, corev1.ConditionTrue, "NewReplicaSetAvailable", name+" has successfully progressed.", true)
	case s.UpdatedReplicas > was.UpdatedReplicas, s.Replicas-s.UpdatedReplicas < was.Replicas-was.UpdatedReplicas,
		s.ReadyReplicas > was.ReadyReplicas, s.AvailableReplicas > was.AvailableReplicas:
		r.put(s, appsv1.DeploymentProgressing, corev1.ConditionTrue, "ReplicaSetUpdated", name+" is progressing.", true)
	case r.timedOut(now):
		r.put(s, appsv1.DeploymentProgressing, corev1.ConditionFalse, "ProgressDeadlineExceeded", name+" has timed out progressing.", false)
	}
}

// timedOut tells whether the deadline has passed, and asks to be called when
// it will have.
func (r *rollout) timedOut(now *appsv1.DeploymentCondition) bool {
	if now == nil || now.Reason == "NewReplicaSetAvailable" {
		return false
	}
	if now.Reason == "ProgressDeadlineExceeded" {
		return true
	}
	due := now.LastUpdateTime.Add(time.Duration(*r.d.Spec.ProgressDeadlineSeconds) * time.Second)
	if r.w.Clock.Now().After(due) {
		return true
	}
	d := r.d.Name
	r.w.Clock.After(due.Sub(r.w.Clock.Now())+time.Second, func() { r.w.queue("deployment", d, r.w.reconcileDeployment) })
	return false
}

// failure passes on that a ReplicaSet cannot make its pods.
func (r *rollout) failure(s *appsv1.DeploymentStatus) {
	var found *appsv1.ReplicaSetCondition
	for _, rs := range r.all() {
		if c := replicaSetFailure(rs); c != nil && (found == nil || rs == r.current) {
			found = c
		}
	}
	if found == nil {
		s.Conditions = slices.DeleteFunc(s.Conditions, func(c appsv1.DeploymentCondition) bool {
			return c.Type == appsv1.DeploymentReplicaFailure
		})
		return
	}
	r.put(s, appsv1.DeploymentReplicaFailure, found.Status, found.Reason, found.Message, false)
}

// setCondition writes a condition at once, as the controller does when it
// makes a ReplicaSet.
func (r *rollout) setCondition(kind appsv1.DeploymentConditionType, status corev1.ConditionStatus, reason, message string) {
	next := *r.d
	next.Status.Conditions = slices.Clone(r.d.Status.Conditions)
	r.put(&next.Status, kind, status, reason, message, true)
	r.d = &next
	r.w.Replace(Deployments, &next)
}

// put replaces a condition if that says anything new, or if a renewal is asked for.
func (r *rollout) put(s *appsv1.DeploymentStatus, kind appsv1.DeploymentConditionType, status corev1.ConditionStatus, reason, message string, renew bool) {
	was := condition(s, kind)
	if was != nil && was.Status == status && was.Reason == reason && !renew {
		return
	}
	now := r.w.now()
	next := appsv1.DeploymentCondition{
		Type: kind, Status: status, Reason: reason, Message: message, LastUpdateTime: now, LastTransitionTime: now,
	}
	if was == nil {
		s.Conditions = append(s.Conditions, next)
		return
	}
	if was.Status == status {
		next.LastTransitionTime = was.LastTransitionTime
	}
	*was = next
}

func condition(s *appsv1.DeploymentStatus, kind appsv1.DeploymentConditionType) *appsv1.DeploymentCondition {
	for i := range s.Conditions {
		if s.Conditions[i].Type == kind {
			return &s.Conditions[i]
		}
	}
	return nil
}
