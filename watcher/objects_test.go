package watcher

import (
	"fmt"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// epoch is later than everything in the fixtures.
var epoch = time.Date(2026, 3, 2, 10, 2, 0, 0, time.UTC)

func deployment(name string) *appsv1.Deployment {
	one, deadline := int32(1), int32(600)
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: name, UID: types.UID("dep-" + name), ResourceVersion: "1",
			Labels: map[string]string{"app": name}, Generation: 3,
		},
		Spec: appsv1.DeploymentSpec{
			Replicas: &one, ProgressDeadlineSeconds: &deadline, Template: podTemplate("registry.example/web:1.1"),
		},
	}
}

func podTemplate(image string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: image}}},
	}
}

func replicaSet(owner, uid string, number int) *appsv1.ReplicaSet {
	rs := &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: owner + "-" + uid, UID: types.UID(uid), ResourceVersion: "1",
			Labels:            map[string]string{"app": "web", "pod-template-hash": uid},
			Annotations:       map[string]string{annotationRevision: strconv.Itoa(number)},
			OwnerReferences:   controlledBy("Deployment", owner, "dep-"+owner),
			CreationTimestamp: metav1.NewTime(epoch.Add(-time.Hour)),
		},
		Spec: appsv1.ReplicaSetSpec{Template: podTemplate(fmt.Sprintf("registry.example/web:1.%d", number))},
	}
	rs.Spec.Template.Labels["pod-template-hash"] = uid
	return rs
}

func controlledBy(kind, name, uid string) []metav1.OwnerReference {
	yes := true
	return []metav1.OwnerReference{{
		APIVersion: "apps/v1", Kind: kind, Name: name, UID: types.UID(uid), Controller: &yes,
	}}
}

// podOf is a pod on a node, whose container has not run yet.
func podOf(rs, name string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: name, UID: types.UID("pod-" + name),
			OwnerReferences: controlledBy("ReplicaSet", rs, rs),
		},
		Spec: corev1.PodSpec{NodeName: "node-a", Containers: []corev1.Container{{Name: "app"}}},
		Status: corev1.PodStatus{
			Phase: corev1.PodPending,
			ContainerStatuses: []corev1.ContainerStatus{{
				Name:  "app",
				State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}},
			}},
		},
	}
}

// with returns a changed copy, under a new resourceVersion.
func with(p *corev1.Pod, changes ...func(*corev1.Pod)) *corev1.Pod {
	p = p.DeepCopy()
	n, _ := strconv.Atoi(p.ResourceVersion)
	p.ResourceVersion = strconv.Itoa(n + 1)
	for _, change := range changes {
		change(p)
	}
	return p
}

func running(since time.Time) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		c := &p.Status.ContainerStatuses[0]
		if c.State.Terminated != nil {
			c.LastTerminationState = c.State
		}
		if c.LastTerminationState.Terminated != nil {
			c.RestartCount++
		}
		c.State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(since)}}
		c.ContainerID = fmt.Sprintf("containerd://%d", c.RestartCount)
		p.Status.Phase = corev1.PodRunning
	}
}

func exited(at time.Time, code int32) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		c := &p.Status.ContainerStatuses[0]
		x := &corev1.ContainerStateTerminated{
			ExitCode: code, Reason: "Error", FinishedAt: metav1.NewTime(at), ContainerID: c.ContainerID,
		}
		if c.State.Running != nil {
			x.StartedAt = c.State.Running.StartedAt
		}
		c.State = corev1.ContainerState{Terminated: x}
		c.Ready = false
	}
}

func waitingFor(reason, message string) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		c := &p.Status.ContainerStatuses[0]
		if c.State.Terminated != nil {
			c.LastTerminationState = c.State
		}
		c.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
	}
}

func ready(is bool, since time.Time) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		setCondition(p, corev1.PodReady, is, since)
	}
}

func setCondition(p *corev1.Pod, kind corev1.PodConditionType, is bool, since time.Time) {
	c := corev1.PodCondition{Type: kind, Status: corev1.ConditionFalse, LastTransitionTime: metav1.NewTime(since)}
	if is {
		c.Status = corev1.ConditionTrue
	}
	for i := range p.Status.Conditions {
		if p.Status.Conditions[i].Type == kind {
			p.Status.Conditions[i] = c
			return
		}
	}
	p.Status.Conditions = append(p.Status.Conditions, c)
}

func deleting(p *corev1.Pod) {
	now := metav1.NewTime(epoch)
	p.DeletionTimestamp = &now
}

// failed ends a pod as a whole.
func failed(reason, message string) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Status.Phase, p.Status.Reason, p.Status.Message = corev1.PodFailed, reason, message
	}
}

// initializing has the pod's init container running, ended well after 20 seconds,
// or failed.
func initializing(since time.Time, how int) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		s := corev1.ContainerStatus{Name: "migrate"}
		ended := &corev1.ContainerStateTerminated{StartedAt: metav1.NewTime(since.Add(-20 * time.Second)), FinishedAt: metav1.NewTime(since)}
		switch how {
		case 0:
			s.State.Running = &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(since)}
		case 1:
			s.State.Terminated = ended
		default:
			ended.ExitCode = 1
			s.State.Terminated = ended
		}
		for _, old := range p.Status.InitContainerStatuses {
			if old.State.Terminated != nil {
				s.RestartCount, s.LastTerminationState = old.RestartCount+1, old.State
			} else {
				s.RestartCount, s.LastTerminationState = old.RestartCount, old.LastTerminationState
			}
		}
		p.Spec.InitContainers = []corev1.Container{{Name: "migrate"}}
		p.Status.InitContainerStatuses = []corev1.ContainerStatus{s}
	}
}

func nodeOf(name string, isReady bool, since time.Time) *corev1.Node {
	status := corev1.ConditionUnknown
	if isReady {
		status = corev1.ConditionTrue
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID("node-" + name)},
		Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{
			{Type: corev1.NodeMemoryPressure, Status: corev1.ConditionFalse},
			{Type: corev1.NodeReady, Status: status, LastTransitionTime: metav1.NewTime(since)},
		}},
	}
}

// eventOf is an Event about the container of a pod.
func eventOf(p *corev1.Pod, reason, message string, last time.Time, count int) *corev1.Event {
	return &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{Namespace: p.Namespace, Name: p.Name + "." + reason},
		InvolvedObject: corev1.ObjectReference{
			Kind: "Pod", Namespace: p.Namespace, Name: p.Name, UID: p.UID, FieldPath: "spec.containers{app}",
		},
		Reason: reason, Message: message, Count: int32(count), //nolint:gosec // small
		FirstTimestamp: metav1.NewTime(last), LastTimestamp: metav1.NewTime(last),
	}
}

func volumeOf(configMap string) corev1.Volume {
	v := corev1.Volume{Name: configMap}
	v.ConfigMap = &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: configMap}}
	return v
}

// configMap is one of which a manager wrote the data.
func configMap(name, manager string, at time.Time) *metav1.PartialObjectMetadata {
	return &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: name, UID: types.UID("cm-" + name), CreationTimestamp: metav1.NewTime(epoch),
		ManagedFields: []metav1.ManagedFieldsEntry{managed(manager, "", `{"f:data":{".":{},"f:key":{}}}`, at)},
	}}
}

func managed(manager, subresource, fields string, at time.Time) metav1.ManagedFieldsEntry {
	t, f := metav1.NewTime(at), &metav1.FieldsV1{}
	f.SetRawString(fields)
	return metav1.ManagedFieldsEntry{
		Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, Subresource: subresource, Time: &t, FieldsV1: f,
	}
}
