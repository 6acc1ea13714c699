package cluster_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/api/apitest"
	"github.com/undog-dev/undog/watcher/capture"
)

// logOf is what the API server gets from the node of the pod.
func logOf(t *testing.T, pod *v1.Pod, how v1.PodLogOptions) (string, error) {
	t.Helper()
	stream, err := client.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, &how).Stream(t.Context())
	if err != nil {
		return "", err
	}
	defer func() { _ = stream.Close() }()
	text, err := io.ReadAll(stream)
	return string(text), err
}

// captured is what undog tells of the pod's container.
func captured(t *testing.T, pod *v1.Pod) policy.Captured {
	t.Helper()
	r := capture.New(capture.Options{Pods: apitest.From(client), Lines: 2})
	got := r.Read(t.Context(), policy.Decision{
		Workload: policy.Workload{Namespace: pod.Namespace, Name: "web"}, From: policy.RevisionRef{UID: string(pod.OwnerReferences[0].UID)},
		Record: policy.Record{Failures: []policy.Failure{{Reason: "Error", Container: "app", Samples: []string{pod.Name}}}},
	})
	if len(got) != 1 {
		t.Fatalf("%d containers were captured, want 1: %+v", len(got), got)
	}
	return got[0]
}

// silent checks what is seen of a pod whose node takes no connections.
func silent(t *testing.T, pod *v1.Pod) {
	t.Helper()
	if text, err := logOf(t, pod, v1.PodLogOptions{}); err == nil {
		t.Errorf("a node that is down gave the log %q", text)
	}
	const want = "the log could not be read: the node could not be reached"
	if got := captured(t, pod); got.Problem != want {
		t.Errorf("the problem is %q, want %q", got.Problem, want)
	}
}

func TestLogs(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	play(t, fmt.Sprintf(`
backOff: {base: 60s, retry: 100ms}
rules:
  - match: {namespaces: [%s]}
    play: {ready: {never: true}, exits: [{after: 200ms, code: 3}], log: [starting, "no table of prices", bye]}
`, ns))
	pods := record(t, ns)
	deploy(t, ns, 1, nil)
	pod := last(pods.until(t, "the back-off after the second exit", func(h []*v1.Pod, _ bool) bool {
		s := status(last(h), "app")
		return s != nil && s.RestartCount == 1 && s.State.Waiting != nil && s.LastTerminationState.Terminated != nil
	}))
	second, few := int64(1), int64(4)
	for name, tt := range map[string]struct {
		how  v1.PodLogOptions
		want string
	}{
		"whole":    {v1.PodLogOptions{}, "starting\nno table of prices\nbye\n"},
		"previous": {v1.PodLogOptions{Previous: true}, "starting\nno table of prices\nbye\n"},
		"tail":     {v1.PodLogOptions{TailLines: &second}, "bye\n"},
		"bytes":    {v1.PodLogOptions{LimitBytes: &few}, "star"},
	} {
		if got, err := logOf(t, pod, tt.how); err != nil || got != tt.want {
			t.Errorf("%s: the log is %q (%v), want %q", name, got, err, tt.want)
		}
	}
	began := status(pod, "app").LastTerminationState.Terminated.StartedAt.UTC().Format("2006-01-02T15:04:05Z")
	if got, err := logOf(t, pod, v1.PodLogOptions{Timestamps: true, TailLines: &second}); err != nil || got != began+" bye\n" {
		t.Errorf("with times the log is %q (%v), want it of %s", got, err, began)
	}
	if got := captured(t, pod); got.Problem != "" || got.Left != 0 || strings.Join(got.Lines, "|") != "no table of prices|bye" {
		t.Errorf("captured %+v", got)
	}
}

func TestNoLogs(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	play(t, fmt.Sprintf(`
rules:
  - match: {namespaces: [%s]}
    play: {fail: {reason: ErrImagePull}}
`, ns))
	pods := record(t, ns)
	deploy(t, ns, 1, nil)
	pod := last(pods.until(t, "a failed pull", func(h []*v1.Pod, _ bool) bool {
		s := status(last(h), "app")
		return s != nil && s.State.Waiting != nil && strings.HasPrefix(s.State.Waiting.Reason, "ErrImage")
	}))
	if got, err := logOf(t, pod, v1.PodLogOptions{}); !apierrors.IsBadRequest(err) || !strings.Contains(err.Error(), "is waiting to start") {
		t.Errorf("the log of what never ran is %q (%v)", got, err)
	}
	if got, err := logOf(t, pod, v1.PodLogOptions{Previous: true}); !apierrors.IsBadRequest(err) || !strings.Contains(err.Error(), "previous terminated container") {
		t.Errorf("the log before what never ran is %q (%v)", got, err)
	}
}
