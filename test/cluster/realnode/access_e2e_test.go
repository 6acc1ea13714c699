//go:build e2e

package realnode_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/remotecommand"
)

// TestExecProbe holds a pod back until a command in it makes a file.
func TestExecProbe(t *testing.T) {
	namespace := newNamespace(t)
	pod := newPod("gated", "serve")
	pod.Spec.Containers[0].ReadinessProbe = &v1.Probe{
		PeriodSeconds: 1,
		ProbeHandler:  v1.ProbeHandler{Exec: &v1.ExecAction{Command: []string{"/testapp", "exists", "/tmp/ready"}}},
	}
	createPod(t, namespace, pod)
	running := waitPod(t, namespace, "gated", func(pod *v1.Pod) bool {
		status := container(pod)
		return status != nil && status.State.Running != nil
	})
	if isReady(running) {
		t.Error("the pod is Ready before the file exists")
	}
	if out, err := execute(t, namespace, "gated", "/testapp", "touch", "/tmp/ready"); err != nil {
		t.Fatalf("exec: %v: %s", err, out)
	}
	waitPod(t, namespace, "gated", isReady)
	if out, err := execute(t, namespace, "gated", "/testapp", "exists", "/absent"); err == nil || !strings.Contains(out, "/absent") {
		t.Errorf("a command that fails: got %v, %q", err, out)
	}
}

func execute(t *testing.T, namespace, pod string, command ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), podTimeout)
	defer cancel()
	request := shared.client.CoreV1().RESTClient().Post().
		Resource("pods").Namespace(namespace).Name(pod).SubResource("exec").
		VersionedParams(&v1.PodExecOptions{Command: command, Stdout: true, Stderr: true}, scheme.ParameterCodec)
	executor, err := remotecommand.NewWebSocketExecutor(shared.config, "GET", request.URL().String())
	if err != nil {
		t.Fatal(err)
	}
	// Two streams, two writers: they are written to at the same time.
	var out, errOut bytes.Buffer
	err = executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: &out, Stderr: &errOut})
	return out.String() + errOut.String(), err
}

// TestServiceAccountReachesTheAPIServer reads the log of a pod that asked the
// API server at its Service address.
func TestServiceAccountReachesTheAPIServer(t *testing.T) {
	namespace := newNamespace(t)
	pod := newPod("client", "incluster")
	createPod(t, namespace, pod)
	waitPod(t, namespace, "client", func(pod *v1.Pod) bool {
		status := container(pod)
		return status != nil && status.State.Running != nil
	})
	ctx, cancel := context.WithTimeout(t.Context(), podTimeout)
	defer cancel()
	stream, err := shared.client.CoreV1().Pods(namespace).GetLogs("client", &v1.PodLogOptions{Follow: true}).Stream(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stream.Close() }()
	want, err := shared.client.Discovery().ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	log := readUntil(t, stream, "serves on")
	if !strings.Contains(log, `"gitVersion": "`+want.GitVersion+`"`) {
		t.Errorf("the log does not hold version %s: %s", want.GitVersion, log)
	}
}
