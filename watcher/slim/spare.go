package slim

import (
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// spares are objects of the two kinds that come by the hundred thousand, with room
// for what the next one lists: it would be most of what decoding leaves behind.
var spares struct{ pods, replicaSets sync.Pool }

// Spare takes back an object that a serializer of Codecs made and that nobody looks
// at any more: the next of its kind is read into it. Of other kinds it takes none.
func Spare(o runtime.Object) {
	switch o := o.(type) {
	case *corev1.Pod:
		spares.pods.Put(o)
	case *appsv1.ReplicaSet:
		spares.replicaSets.Put(o)
	}
}

// spared is an empty object of a kind, nil if there is none.
func spared(kind schema.GroupVersionKind) runtime.Object {
	switch kind.Kind {
	case "Pod":
		if p, ok := spares.pods.Get().(*corev1.Pod); ok {
			emptyPod(p)
			return p
		}
	case "ReplicaSet":
		if rs, ok := spares.replicaSets.Get().(*appsv1.ReplicaSet); ok {
			emptyReplicaSet(rs)
			return rs
		}
	}
	return nil
}

// emptyPod empties a pod, and keeps the room that its lists had.
func emptyPod(p *corev1.Pod) {
	owners, conditions := p.OwnerReferences[:0], p.Status.Conditions[:0]
	containers, statuses := p.Spec.Containers[:0], p.Status.ContainerStatuses[:0]
	inits, initStatuses := p.Spec.InitContainers[:0], p.Status.InitContainerStatuses[:0]
	*p = corev1.Pod{}
	p.OwnerReferences, p.Status.Conditions = owners, conditions
	p.Spec.Containers, p.Status.ContainerStatuses = containers, statuses
	p.Spec.InitContainers, p.Status.InitContainerStatuses = inits, initStatuses
}

// emptyReplicaSet does so for a ReplicaSet.
func emptyReplicaSet(rs *appsv1.ReplicaSet) {
	template := &rs.Spec.Template
	pod := &template.Spec
	owners, containers, inits, volumes := rs.OwnerReferences[:0], pod.Containers[:0], pod.InitContainers[:0], pod.Volumes[:0]
	labels, annotations, podLabels := emptied(rs.Labels), emptied(rs.Annotations), emptied(template.Labels)
	*rs = appsv1.ReplicaSet{}
	rs.OwnerReferences, pod.Containers, pod.InitContainers, pod.Volumes = owners, containers, inits, volumes
	rs.Labels, rs.Annotations, template.Labels = labels, annotations, podLabels
}

// emptied is a map without what is in it, unless that was so much that its room
// would be kept for nothing.
func emptied(m map[string]string) map[string]string {
	if len(m) > mostLabels {
		return nil
	}
	clear(m)
	return m
}

// mostLabels is more than nearly every object has.
const mostLabels = 32
