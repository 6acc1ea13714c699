//go:build e2e

package realnode_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

func TestCrashLoop(t *testing.T) {
	namespace := newNamespace(t)
	begun := time.Now()
	createPod(t, namespace, newPod("crash", "exit", "--code=3"))
	var shown string
	pod := waitPod(t, namespace, "crash", func(pod *v1.Pod) bool {
		if now := describe(container(pod)); now != shown {
			shown = now
			t.Logf("%5.1f s after the change: %s", time.Since(begun).Seconds(), now)
		}
		return isWaiting("CrashLoopBackOff")(pod)
	})
	status := container(pod)
	if last := status.LastTerminationState.Terminated; last == nil || last.ExitCode != 3 || status.RestartCount < 1 {
		t.Errorf("got %+v, want a last exit with code 3 and a restart", status)
	}
}

// describe says in a few words what a container does.
func describe(status *v1.ContainerStatus) string {
	switch {
	case status == nil:
		return "no status"
	case status.State.Waiting != nil:
		return fmt.Sprintf("waiting: %s, %d restarts", status.State.Waiting.Reason, status.RestartCount)
	case status.State.Terminated != nil:
		return fmt.Sprintf("terminated: code %d, %d restarts", status.State.Terminated.ExitCode, status.RestartCount)
	}
	return fmt.Sprintf("running, %d restarts", status.RestartCount)
}

func TestCommandThatDoesNotExist(t *testing.T) {
	namespace := newNamespace(t)
	pod := newPod("absent")
	pod.Spec.Containers[0].Command = []string{"/no-such-program"}
	begun := time.Now()
	createPod(t, namespace, pod)
	// RunContainerError shows for a moment; what stays is how it ended.
	reached := waitPod(t, namespace, "absent", func(pod *v1.Pod) bool {
		status := container(pod)
		return status != nil && (status.State.Terminated != nil || status.LastTerminationState.Terminated != nil)
	})
	t.Logf("the failed start shows after %v", time.Since(begun))
	status := container(reached)
	ended := status.State.Terminated
	if ended == nil {
		ended = status.LastTerminationState.Terminated
	}
	if ended.Reason != "StartError" || ended.ExitCode != 128 || !strings.Contains(ended.Message, "/no-such-program") {
		t.Errorf("got %+v, want StartError with code 128 that names the program", ended)
	}
}

func TestImageThatDoesNotExist(t *testing.T) {
	namespace := newNamespace(t)
	pod := newPod("missing")
	pod.Spec.Containers[0].Image = "undog.test/app:9.9"
	begun := time.Now()
	createPod(t, namespace, pod)
	reached := waitPod(t, namespace, "missing", isWaiting("ErrImagePull"))
	t.Logf("ErrImagePull after %v", time.Since(begun))
	if message := container(reached).State.Waiting.Message; !strings.Contains(message, "not found") {
		t.Errorf("message %q, want it to say not found", message)
	}
	waitPod(t, namespace, "missing", isWaiting("ImagePullBackOff"))
}

func TestOutOfMemory(t *testing.T) {
	namespace := newNamespace(t)
	pod := newPod("greedy", "oom")
	pod.Spec.RestartPolicy = v1.RestartPolicyNever
	pod.Spec.Containers[0].Resources.Limits = v1.ResourceList{v1.ResourceMemory: resource.MustParse("64Mi")}
	createPod(t, namespace, pod)
	reached := waitPod(t, namespace, "greedy", func(pod *v1.Pod) bool {
		status := container(pod)
		return status != nil && status.State.Terminated != nil
	})
	if ended := container(reached).State.Terminated; ended.Reason != "OOMKilled" || ended.ExitCode != 137 {
		t.Errorf("got %+v, want OOMKilled with code 137", ended)
	}
}

// TestFlakyStart shows that the count of exits outlives the container.
func TestFlakyStart(t *testing.T) {
	namespace := newNamespace(t)
	pod := newPod("flaky", "flaky", "--times=2", "--state=/state/exits")
	pod.Spec.Volumes = []v1.Volume{{Name: "state", VolumeSource: v1.VolumeSource{EmptyDir: &v1.EmptyDirVolumeSource{}}}}
	pod.Spec.Containers[0].VolumeMounts = []v1.VolumeMount{{Name: "state", MountPath: "/state"}}
	createPod(t, namespace, pod)
	reached := waitPod(t, namespace, "flaky", func(pod *v1.Pod) bool { return isReady(pod) && container(pod).RestartCount >= 2 })
	if count := container(reached).RestartCount; count != 2 {
		t.Errorf("%d restarts, want 2", count)
	}
}
