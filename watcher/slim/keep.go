package slim

import (
	"reflect"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// ended is the annotation that marks the end of a first list.
const ended = "k8s.io/initial-events-end"

// identity is what every object is known by.
var identity = []string{
	"metadata.name", "metadata.namespace", "metadata.uid", "metadata.resourceVersion",
	"metadata.creationTimestamp", "metadata.deletionTimestamp", "metadata.ownerReferences", "metadata.annotations[" + ended + "]",
}

// replicaSetPaths are what is kept of a ReplicaSet; of its template, less where that was
// hashed.
var replicaSetPaths = slices.Concat(identity, []string{
	"metadata.generation", "metadata.labels[pod-template-hash]", "metadata.annotations[deployment.kubernetes.io/revision," + ended + "]",
	"spec.replicas", "spec.template", "status.conditions",
})

// kinds says what is kept of each kind, and of lists of them. Others are decoded
// as they are.
var kinds = lists(map[schema.GroupVersionKind]*fields{
	corev1.SchemeGroupVersion.WithKind("Pod"): keeping(corev1.Pod{}, slices.Concat(identity, []string{
		"spec.nodeName", "spec.containers.name", "spec.initContainers.name", "spec.initContainers.restartPolicy",
		"status.phase", "status.reason", "status.message", "status.conditions.type", "status.conditions.status",
		"status.conditions.reason", "status.conditions.message", "status.conditions.lastTransitionTime",
	}, statuses("status.containerStatuses"), statuses("status.initContainerStatuses"))...),

	replicaSet: keeping(appsv1.ReplicaSet{}, replicaSetPaths...),

	appsv1.SchemeGroupVersion.WithKind("Deployment"): keeping(appsv1.Deployment{}, slices.Concat(identity, []string{
		"metadata.generation", "metadata.labels", "metadata.managedFields",
		"metadata.annotations[undog.dev/,argocd.argoproj.io/tracking-id,meta.helm.sh/release-name," + ended + "]",
		"spec", "status",
	})...),

	// A record is in the annotations; the template beside it is read when it is needed.
	appsv1.SchemeGroupVersion.WithKind("ControllerRevision"): keeping(appsv1.ControllerRevision{}, slices.Concat(identity, []string{
		"metadata.labels", "metadata.annotations",
	})...),

	corev1.SchemeGroupVersion.WithKind("Node"): keeping(corev1.Node{}, slices.Concat(identity, []string{
		"status.conditions.type", "status.conditions.status", "status.conditions.lastTransitionTime",
	})...),

	corev1.SchemeGroupVersion.WithKind("Event"): keeping(corev1.Event{}, slices.Concat(identity, []string{
		"involvedObject", "reason", "message", "count", "series", "eventTime", "firstTimestamp", "lastTimestamp",
	})...),
})

// statuses is what is kept of a list of container statuses.
func statuses(list string) []string {
	var paths []string
	for _, f := range []string{"name", "state", "lastState", "restartCount", "containerID", "imageID"} {
		paths = append(paths, list+"."+f)
	}
	return paths
}

// lists adds lists of the kinds.
func lists(single map[schema.GroupVersionKind]*fields) map[schema.GroupVersionKind]*fields {
	metadata, _, _ := find(reflect.TypeFor[corev1.PodList](), "metadata")
	items, _, _ := find(reflect.TypeFor[corev1.PodList](), "items")
	all := make(map[schema.GroupVersionKind]*fields, 2*len(single))
	for kind, keep := range single {
		list := &fields{kept: make([]*fields, max(metadata, items)+1)}
		list.kept[metadata], list.kept[items] = whole, keep
		all[kind] = keep
		all[kind.GroupVersion().WithKind(kind.Kind+"List")] = list
	}
	return all
}
