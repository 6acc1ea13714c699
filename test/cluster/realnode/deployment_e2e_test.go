//go:build e2e

package realnode_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
)

func newDeployment(name string, replicas int32, pod *v1.Pod) *appsv1.Deployment {
	labels := map[string]string{"app": name}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: v1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: pod.Spec},
		},
	}
}

func TestDeploymentBecomesAvailable(t *testing.T) {
	namespace := newNamespace(t)
	pod := newPod("web", "serve", "--slow-start=1s")
	pod.Spec.Containers[0].ReadinessProbe = &v1.Probe{
		PeriodSeconds: 1,
		ProbeHandler:  v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Path: "/healthz", Port: intstr.FromInt32(8080)}},
	}
	begun := time.Now()
	_, err := shared.client.AppsV1().Deployments(namespace).Create(t.Context(), newDeployment("web", 2, pod), metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	waitDeployment(t, namespace, "web", func(d *appsv1.Deployment) bool { return d.Status.AvailableReplicas == 2 })
	t.Logf("2 of 2 replicas available after %v, 1 s of which the application waits", time.Since(begun))

	pods, err := shared.client.CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, pod := range pods.Items {
		if body := get(t, pod.Status.PodIP); body != "testapp 1.0\n" {
			t.Errorf("pod %s at %s says %q", pod.Name, pod.Status.PodIP, body)
		}
	}
}

// get reads / of a pod, from outside of the node.
func get(t *testing.T, ip string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s:8080/", ip), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestImageDecidesBehavior rolls out a change of the tag alone.
func TestImageDecidesBehavior(t *testing.T) {
	namespace := newNamespace(t)
	pod := newPod("bad")
	pod.Spec.Containers[0].Image = "undog.test/app:1.1"
	createPod(t, namespace, pod)
	crashed := waitPod(t, namespace, "bad", func(pod *v1.Pod) bool {
		status := container(pod)
		return status != nil && status.LastTerminationState.Terminated != nil
	})
	if code := container(crashed).LastTerminationState.Terminated.ExitCode; code != 3 {
		t.Errorf("exit code %d, want 3", code)
	}
}

func waitDeployment(t *testing.T, namespace, name string, reached func(*appsv1.Deployment) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), podTimeout)
	defer cancel()
	deployments := cache.NewListWatchFromClient(shared.client.AppsV1().RESTClient(), "deployments", namespace,
		fields.OneTermEqualSelector("metadata.name", name))
	var last *appsv1.Deployment
	_, err := watchtools.UntilWithSync(ctx, deployments, &appsv1.Deployment{}, nil, func(event watch.Event) (bool, error) {
		last = event.Object.(*appsv1.Deployment)
		return reached(last), nil
	})
	if err != nil {
		t.Fatalf("wait for deployment %s: %v; its last status: %s%s", name, err, dump(last), describePods(t, namespace))
	}
}

func describePods(t *testing.T, namespace string) string {
	pods, err := shared.client.CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		return err.Error()
	}
	var out strings.Builder
	for i := range pods.Items {
		fmt.Fprintf(&out, "\n%s", dump(&pods.Items[i]))
	}
	return out.String()
}
