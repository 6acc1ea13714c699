package cluster_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/undog-dev/undog/test/script"
)

const (
	patience = 60 * time.Second
	poll     = 50 * time.Millisecond
)

// play adds the script's rules until the test ends.
func play(t *testing.T, text string) {
	t.Helper()
	s, err := script.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	remove, err := kubelet.Add(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(remove)
}

// namespace makes a namespace that can hold pods, gone after the test.
func namespace(t *testing.T) string {
	t.Helper()
	created, err := client.CoreV1().Namespaces().Create(t.Context(),
		&v1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := client.CoreV1().Namespaces().Delete(ctx, created.Name, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
	eventually(t, "the default service account", func(ctx context.Context) (bool, error) {
		_, err := client.CoreV1().ServiceAccounts(created.Name).Get(ctx, "default", metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return false, nil
		}
		return err == nil, err
	})
	return created.Name
}

// eventually polls until the condition holds.
func eventually(t *testing.T, what string, condition wait.ConditionWithContextFunc) {
	t.Helper()
	if err := wait.PollUntilContextTimeout(t.Context(), poll, patience, true, condition); err != nil {
		t.Fatalf("wait for %s: %v", what, err)
	}
}

// deploy creates a Deployment named web with one container named app.
func deploy(t *testing.T, ns string, replicas int32, change func(*v1.PodTemplateSpec)) *appsv1.Deployment {
	t.Helper()
	labels := map[string]string{"app": "web"}
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: v1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       v1.PodSpec{Containers: []v1.Container{{Name: "app", Image: "example.com/web:v1.0"}}},
			},
		},
	}
	if change != nil {
		change(&d.Spec.Template)
	}
	created, err := client.AppsV1().Deployments(ns).Create(t.Context(), d, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return created
}

// available waits until all replicas are.
func available(t *testing.T, ns string) {
	t.Helper()
	eventually(t, "web to be available", func(ctx context.Context) (bool, error) {
		d, err := client.AppsV1().Deployments(ns).Get(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		return d.Status.ObservedGeneration == d.Generation && d.Status.UpdatedReplicas == *d.Spec.Replicas &&
			d.Status.AvailableReplicas == *d.Spec.Replicas && d.Status.Replicas == *d.Spec.Replicas, nil
	})
}

// recording is what a watch showed of a namespace's pods.
type recording struct {
	mu     sync.Mutex
	pods   map[string][]*v1.Pod
	gone   map[string]bool
	change chan struct{}
}

// record watches the namespace's pods until the test ends. It begins before
// the first pod, so it misses nothing.
func record(t *testing.T, ns string) *recording {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	watcher, err := client.CoreV1().Pods(ns).Watch(ctx, metav1.ListOptions{})
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	r := &recording{pods: map[string][]*v1.Pod{}, gone: map[string]bool{}, change: make(chan struct{}, 1)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for event := range watcher.ResultChan() {
			if pod, ok := event.Object.(*v1.Pod); ok {
				r.see(event.Type, pod)
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		watcher.Stop()
		<-done
	})
	return r
}

func (r *recording) see(kind watch.EventType, pod *v1.Pod) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pods[pod.Name] = append(r.pods[pod.Name], pod)
	r.gone[pod.Name] = kind == watch.Deleted
	select {
	case r.change <- struct{}{}:
	default:
	}
}

// until waits until one pod's history satisfies the condition and returns it.
func (r *recording) until(t *testing.T, what string, condition func(history []*v1.Pod, gone bool) bool) []*v1.Pod {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		r.mu.Lock()
		for name, history := range r.pods {
			if condition(history, r.gone[name]) {
				r.mu.Unlock()
				return history
			}
		}
		r.mu.Unlock()
		select {
		case <-r.change:
		case <-ctx.Done():
			r.mu.Lock()
			defer r.mu.Unlock()
			for name, history := range r.pods {
				t.Logf("%s: %q", name, states(history, "app"))
			}
			t.Fatalf("wait for %s: %v", what, ctx.Err())
		}
	}
}

func last(history []*v1.Pod) *v1.Pod { return history[len(history)-1] }

// states are the distinct states of a container in order, as one word each.
func states(history []*v1.Pod, container string) []string {
	var out []string
	for _, pod := range history {
		s := status(pod, container)
		if s == nil {
			continue
		}
		text := describe(s)
		if len(out) == 0 || out[len(out)-1] != text {
			out = append(out, text)
		}
	}
	return out
}

func describe(s *v1.ContainerStatus) string {
	switch {
	case s.State.Running != nil && s.Ready:
		return fmt.Sprintf("%d ready", s.RestartCount)
	case s.State.Running != nil:
		return fmt.Sprintf("%d running", s.RestartCount)
	case s.State.Terminated != nil:
		return fmt.Sprintf("%d %s(%d)", s.RestartCount, s.State.Terminated.Reason, s.State.Terminated.ExitCode)
	case s.State.Waiting != nil:
		return fmt.Sprintf("%d %s", s.RestartCount, s.State.Waiting.Reason)
	}
	return "nothing"
}

func status(pod *v1.Pod, container string) *v1.ContainerStatus {
	for _, list := range [][]v1.ContainerStatus{pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses} {
		for i := range list {
			if list[i].Name == container {
				return &list[i]
			}
		}
	}
	return nil
}

func condition(pod *v1.Pod, kind v1.PodConditionType) *v1.PodCondition {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == kind {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}

// begins fails unless got begins with want.
func begins(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) < len(want) {
		t.Fatalf("states are %q, want at least %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("states are %q, want them to begin with %q", got, want)
		}
	}
}
