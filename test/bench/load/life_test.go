package load_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
)

// follow gives each pod that is told of after everything was listed to see, until
// that is enough.
func follow(ctx context.Context, t *testing.T, client kubernetes.Interface, begin func() error, see func(p *corev1.Pod) (enough bool)) {
	t.Helper()
	source := cache.NewListWatchFromClient(client.CoreV1().RESTClient(), "pods", metav1.NamespaceAll, fields.Everything())
	begun := false
	listed := func(cache.Store) (bool, error) {
		begun = true
		return false, begin()
	}
	_, err := watchtools.UntilWithSync(ctx, source, &corev1.Pod{}, listed, func(e watch.Event) (bool, error) {
		p, ok := e.Object.(*corev1.Pod)
		if !ok {
			return false, fmt.Errorf("%s of %+v", e.Type, e.Object)
		}
		return begun && see(p), nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Pods that crash do so in turn, and are never ready; the others are not touched.
func TestCrashLoop(t *testing.T) {
	client, control := serve(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	restarts, seen := map[types.UID]int32{}, map[string]bool{}
	follow(ctx, t, client, func() error { return control.CrashLoop(ctx, 500) }, func(p *corev1.Pod) bool {
		s := p.Status.ContainerStatuses[0]
		if s.RestartCount == 0 {
			return false // It was listed, and does well.
		}
		switch {
		case s.State.Running != nil && s.LastTerminationState.Terminated != nil && s.RestartCount > restarts[p.UID]:
			seen["running"] = true
		case s.State.Terminated != nil && s.State.Terminated.ContainerID == s.ContainerID:
			seen["terminated"] = true
		case s.State.Waiting != nil && s.LastTerminationState.Terminated.ContainerID == s.ContainerID:
			seen["waiting"] = true
		default:
			t.Errorf("a container that crashes is %+v", s)
		}
		if s.Ready || s.RestartCount < restarts[p.UID] {
			t.Errorf("a container that crashes is ready, or was restarted less often than before: %+v", s)
		}
		restarts[p.UID] = s.RestartCount
		return len(restarts) == crashing && len(seen) == 3
	})
	state, err := control.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if state.Replaced != 0 || state.Frames["deployments"] != 0 {
		t.Errorf("more than pods that crash was told of: %d replaced, %v", state.Replaced, state.Frames)
	}
}

// A good release is complete in the end, and none of the old pods is left.
func TestReleaseGood(t *testing.T) {
	client, control := serve(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	source := cache.NewListWatchFromClient(client.AppsV1().RESTClient(), "deployments", metav1.NamespaceAll, fields.Everything())
	listed := func(cache.Store) (bool, error) { return false, control.ReleaseGood(ctx, 1) }
	last, err := watchtools.UntilWithSync(ctx, source, &appsv1.Deployment{}, listed, func(e watch.Event) (bool, error) {
		d, _ := e.Object.(*appsv1.Deployment)
		s := d.Status
		return e.Type == watch.Modified && s.ObservedGeneration == d.Generation && s.UpdatedReplicas == *d.Spec.Replicas &&
			s.Replicas == *d.Spec.Replicas && s.AvailableReplicas == *d.Spec.Replicas, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	d := last.Object.(*appsv1.Deployment)
	image, ours := d.Spec.Template.Spec.Containers[0].Image, map[types.UID]bool{}
	follow(ctx, t, client, func() error { return nil }, func(p *corev1.Pod) bool {
		if p.Namespace != d.Namespace || p.Labels["name"] != d.Name {
			return false
		}
		if p.Spec.Containers[0].Image != image || !p.Status.ContainerStatuses[0].Ready {
			t.Errorf("pod %s runs %s, ready %t", p.Name, p.Spec.Containers[0].Image, p.Status.ContainerStatuses[0].Ready)
		}
		ours[p.UID] = true
		return len(ours) == int(*d.Spec.Replicas)
	})
}
