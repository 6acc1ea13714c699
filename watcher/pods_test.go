package watcher

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ready makes a pod ready since a time.
func readyAt(since time.Time) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(since)}}
	}
}

func TestPods(t *testing.T) {
	s := NewState(Options{})
	since := epoch.Add(-time.Minute)
	s.ApplyDeployment(epoch, deployment("web"))
	s.ApplyReplicaSet(epoch, replicaSet("web", "one", 1))
	s.ApplyReplicaSet(epoch, replicaSet("web", "two", 2))
	for name, changes := range map[string][]func(*corev1.Pod){
		"ready":    {running(since), readyAt(since)},
		"starting": nil,
		"going":    {running(since), readyAt(since), func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: epoch} }},
		"over":     {func(p *corev1.Pod) { p.Status.Phase = corev1.PodSucceeded }},
	} {
		s.ApplyPod(epoch, with(podOf("one", name), changes...))
	}
	s.ApplyPod(epoch, with(podOf("two", "newer"), running(since), readyAt(epoch.Add(time.Hour))))
	want := []Pod{
		{Name: "newer", UID: "pod-newer", Node: "node-a", Revision: "two", Ready: true, ReadySince: epoch},
		{Name: "ready", UID: "pod-ready", Node: "node-a", Revision: "one", Ready: true, ReadySince: since},
		{Name: "starting", UID: "pod-starting", Node: "node-a", Revision: "one"},
	}
	if got := s.Pods("dep-web"); !reflect.DeepEqual(got, want) {
		t.Errorf("pods %+v, want %+v", got, want)
	}
	if got := s.Pods("another"); got != nil {
		t.Errorf("of what is not known: %+v", got)
	}
}

// However many pods there are, so many are listed, and those that are ready first.
func TestPodsAreBounded(t *testing.T) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, deployment("web"))
	s.ApplyReplicaSet(epoch, replicaSet("web", "one", 1))
	for i := range MaxPods + 10 {
		s.ApplyPod(epoch, podOf("one", fmt.Sprintf("young-%d", i)))
	}
	s.ApplyPod(epoch, with(podOf("one", "ready"), running(epoch), readyAt(epoch)))
	ready, got := 0, s.Pods("dep-web")
	for _, p := range got {
		if p.Ready {
			ready++
		}
	}
	if len(got) != MaxPods || ready != 1 {
		t.Errorf("%d pods are listed, %d of them ready; want %d and 1", len(got), ready, MaxPods)
	}
}
