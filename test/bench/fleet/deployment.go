package fleet

import (
	"fmt"
	"maps"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// annotationRevision is the Deployment controller's.
const annotationRevision = "deployment.kubernetes.io/revision"

// controllers is the writer of statuses.
const controllers = "kube-controller-manager"

// UID is that of the Deployment.
func (d *Deployment) UID() types.UID { return uid(kindDeployment, uint64(d.Index)) }

// Object is the Deployment as it is while it runs its first revision, complete
// since a time in Unix seconds.
func (d *Deployment) Object(since int64) *appsv1.Deployment {
	o := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: d.Namespace, Name: d.Name, UID: d.UID(), Generation: int64(d.Revision()), Labels: d.labels(),
			CreationTimestamp: at(since - 30*24*3600),
			Annotations:       map[string]string{annotationRevision: strconv.Itoa(d.Revision()), "kubernetes.io/change-cause": "release " + d.Image(d.Revision())},
		},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(d.Replicas), Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"name": d.Name}},
			Template: d.Template(d.Revision()),
			Strategy: appsv1.DeploymentStrategy{Type: appsv1.RollingUpdateDeploymentStrategyType, RollingUpdate: &appsv1.RollingUpdateDeployment{
				MaxSurge: new(intstr.FromString("25%")), MaxUnavailable: new(intstr.FromString("25%")),
			}},
			RevisionHistoryLimit: new(int32(10)), ProgressDeadlineSeconds: new(int32(600)),
		},
	}
	d.Complete(o, since)
	o.ManagedFields = []metav1.ManagedFieldsEntry{
		owned("deployment", "kubectl-client-side-apply", "", o.CreationTimestamp, "apps/v1", func() any {
			return map[string]any{"metadata": map[string]any{"labels": o.Labels}, "spec": o.Spec}
		}),
		owned("deployment status", controllers, "status", at(since), "apps/v1", func() any {
			return map[string]any{"metadata": map[string]any{"annotations": map[string]string{annotationRevision: ""}}, "status": o.Status}
		}),
	}
	return o
}

// Complete is the status of a rollout that is over.
func (d *Deployment) Complete(o *appsv1.Deployment, since int64) {
	n := d.Replicas
	o.Status = appsv1.DeploymentStatus{
		ObservedGeneration: o.Generation, Replicas: n, UpdatedReplicas: n, ReadyReplicas: n, AvailableReplicas: n,
		Conditions: []appsv1.DeploymentCondition{
			{
				Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue, Reason: "MinimumReplicasAvailable",
				Message: "Deployment has minimum availability.", LastUpdateTime: at(since), LastTransitionTime: at(since),
			},
			{
				Type: appsv1.DeploymentProgressing, Status: corev1.ConditionTrue, Reason: "NewReplicaSetAvailable",
				Message: fmt.Sprintf("ReplicaSet %q has successfully progressed.", o.Name), LastUpdateTime: at(since), LastTransitionTime: at(since),
			},
		},
	}
}

// ReplicaSet is the one of a revision, as it is with that many pods, all ready.
func (d *Deployment) ReplicaSet(revision int, replicas int32, created int64) *appsv1.ReplicaSet {
	hash := suffix(10, mix(kindReplicaSet, uint64(d.Index), uint64(revision)))
	t := d.Template(revision)
	t.Labels = maps.Clone(t.Labels)
	t.Labels[appsv1.DefaultDeploymentUniqueLabelKey] = hash
	o := &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: d.Namespace, Name: d.Name + "-" + hash, UID: uid(kindReplicaSet, uint64(d.Index), uint64(revision)), Generation: 1,
			Labels: t.Labels, CreationTimestamp: at(created),
			Annotations: map[string]string{
				annotationRevision: strconv.Itoa(revision), "deployment.kubernetes.io/desired-replicas": strconv.Itoa(int(d.Replicas)),
				"deployment.kubernetes.io/max-replicas": strconv.Itoa(int(d.Replicas + Surge(d.Replicas))),
				"kubernetes.io/change-cause":            "release " + d.Image(revision),
			},
			OwnerReferences: controlledBy("Deployment", d.Name, d.UID()),
		},
		Spec: appsv1.ReplicaSetSpec{
			Replicas: new(replicas), Template: t,
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"name": d.Name, appsv1.DefaultDeploymentUniqueLabelKey: hash}},
		},
		Status: appsv1.ReplicaSetStatus{ObservedGeneration: 1, Replicas: replicas, FullyLabeledReplicas: replicas, ReadyReplicas: replicas, AvailableReplicas: replicas},
	}
	o.ManagedFields = []metav1.ManagedFieldsEntry{
		owned("replica set", controllers, "", o.CreationTimestamp, "apps/v1", func() any {
			return map[string]any{"metadata": map[string]any{"labels": o.Labels, "annotations": o.Annotations, "ownerReferences": o.OwnerReferences}, "spec": o.Spec}
		}),
		owned("replica set status", controllers, "status", o.CreationTimestamp, "apps/v1", func() any { return map[string]any{"status": o.Status} }),
	}
	return o
}

// Surge is how many pods a rollout may add: a quarter, rounded up.
func Surge(replicas int32) int32 { return (replicas + 3) / 4 }

func controlledBy(kind, name string, owner types.UID) []metav1.OwnerReference {
	return []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: kind, Name: name, UID: owner, Controller: new(true), BlockOwnerDeletion: new(true)}}
}
