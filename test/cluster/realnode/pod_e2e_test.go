//go:build e2e

package realnode_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
)

// podTimeout bounds the wait for anything that a pod does.
const podTimeout = 2 * time.Minute

// newNamespace makes a namespace for the test and deletes it afterwards. Pods
// can be made in it when its service account exists.
func newNamespace(t *testing.T) string {
	t.Helper()
	created, err := shared.client.CoreV1().Namespaces().Create(t.Context(),
		&v1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "e2e-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	name := created.Name
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), podTimeout)
		defer cancel()
		if err := shared.client.CoreV1().Namespaces().Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), podTimeout)
	defer cancel()
	accounts := cache.NewListWatchFromClient(shared.client.CoreV1().RESTClient(), "serviceaccounts", name,
		fields.OneTermEqualSelector("metadata.name", "default"))
	if _, err := watchtools.UntilWithSync(ctx, accounts, &v1.ServiceAccount{}, nil,
		func(watch.Event) (bool, error) { return true, nil }); err != nil {
		t.Fatalf("wait for the service account: %v", err)
	}
	return name
}

// newPod is a pod of one container with the test application.
func newPod(name string, args ...string) *v1.Pod {
	return &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1.PodSpec{
			TerminationGracePeriodSeconds: new(int64(1)),
			Containers: []v1.Container{{
				Name:            "app",
				Image:           appTag,
				ImagePullPolicy: v1.PullIfNotPresent,
				Args:            args,
			}},
		},
	}
}

func createPod(t *testing.T, namespace string, pod *v1.Pod) {
	t.Helper()
	if _, err := shared.client.CoreV1().Pods(namespace).Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// waitPod waits until the pod is as reached says, and fails with the last
// status that it had.
func waitPod(t *testing.T, namespace, name string, reached func(*v1.Pod) bool) *v1.Pod {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), podTimeout)
	defer cancel()
	pods := cache.NewListWatchFromClient(shared.client.CoreV1().RESTClient(), "pods", namespace,
		fields.OneTermEqualSelector("metadata.name", name))
	var last *v1.Pod
	_, err := watchtools.UntilWithSync(ctx, pods, &v1.Pod{}, nil, func(event watch.Event) (bool, error) {
		if event.Type == watch.Deleted {
			return false, fmt.Errorf("pod %s was deleted", name)
		}
		last = event.Object.(*v1.Pod)
		return reached(last), nil
	})
	if err != nil {
		t.Fatalf("wait for pod %s: %v; its last status: %s", name, err, dump(last))
	}
	return last
}

func dump(object runtime.Object) string {
	out, err := json.MarshalIndent(object, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// container is the status of the pod's only container, nil before there is one.
func container(pod *v1.Pod) *v1.ContainerStatus {
	if len(pod.Status.ContainerStatuses) == 0 {
		return nil
	}
	return &pod.Status.ContainerStatuses[0]
}

// isReady says whether the container runs and its probes pass.
func isReady(pod *v1.Pod) bool {
	status := container(pod)
	return status != nil && status.Ready
}

// isWaiting makes a condition of a reason for which a container waits.
func isWaiting(reason string) func(*v1.Pod) bool {
	return func(pod *v1.Pod) bool {
		status := container(pod)
		return status != nil && status.State.Waiting != nil && status.State.Waiting.Reason == reason
	}
}
