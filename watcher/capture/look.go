package capture

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check/redact"
)

// look reads one container; nil if there is nothing to tell of it.
func (r *Reader) look(ctx context.Context, d policy.Decision, p place) *policy.Captured {
	c := &policy.Captured{Pod: p.pod, Container: p.container()}
	pod, err := r.opts.Pods.Pods(d.Workload.Namespace).Get(ctx, p.pod, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		c.Problem = "the pod could not be read: " + r.why(ctx, d.Workload.Namespace, c, err)
		return c
	}
	if owner := metav1.GetControllerOfNoCopy(pod); owner == nil || string(owner.UID) != d.From.UID {
		return nil
	}
	status := statusOf(pod, p)
	if status == nil {
		c.Problem = "the container has no status"
		return c
	}
	c.Container, c.State = status.Name, state(status)
	switch {
	case r.opts.Lines <= 0:
	case r.without(pod.Namespace) != "":
		c.Problem = r.without(pod.Namespace)
	case status.State.Waiting != nil && status.LastTerminationState.Terminated == nil:
		c.Problem = "it never ran, and has no log"
	default:
		c.Previous = before(status, p)
		r.log(ctx, d.Workload.Namespace, c)
	}
	return c
}

func (r *Reader) without(namespace string) string {
	if r.opts.Without == nil {
		return ""
	}
	return r.opts.Without(namespace)
}

// statusOf is the status of the container that failed or, where none is named,
// of the one that looks worst.
func statusOf(pod *corev1.Pod, p place) *corev1.ContainerStatus {
	var worst *corev1.ContainerStatus
	for _, list := range [][]corev1.ContainerStatus{pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses} {
		for i := range list {
			s := &list[i]
			if name := p.container(); name != "" {
				if s.Name == name {
					return s
				}
				continue
			}
			if worst == nil || badness(s) > badness(worst) {
				worst = s
			}
		}
	}
	return worst
}

// badness orders containers of a pod by how much is wrong with them.
func badness(s *corev1.ContainerStatus) int {
	switch t := s.State.Terminated; {
	case t != nil && t.ExitCode != 0, s.State.Waiting != nil && s.LastTerminationState.Terminated != nil:
		return 3
	case s.RestartCount > 0:
		return 2
	case t != nil, s.Ready:
		return 0
	}
	return 1
}

// before tells whether the log that counts is that of the container before the
// present one. While the next one is waited for either name means the same, but
// it may have begun by the time that the log is asked for.
func before(s *corev1.ContainerStatus, p place) bool {
	if s.LastTerminationState.Terminated == nil {
		return false
	}
	return s.State.Waiting != nil || s.State.Running != nil && p.container() != ""
}

// state is a container's status in a few words.
func state(s *corev1.ContainerStatus) string {
	var parts []string
	switch {
	case s.State.Waiting != nil:
		parts = append(parts, said("waiting", s.State.Waiting.Reason, s.State.Waiting.Message))
	case s.State.Terminated != nil:
		parts = append(parts, ended(s.State.Terminated))
	case s.State.Running != nil && s.Ready:
		parts = append(parts, "running and ready")
	case s.State.Running != nil:
		parts = append(parts, "running, not ready")
	}
	if t := s.LastTerminationState.Terminated; t != nil {
		parts = append(parts, "before that "+ended(t))
	}
	if s.RestartCount > 0 {
		parts = append(parts, fmt.Sprintf("restarts: %d", s.RestartCount))
	}
	return redact.Cut(strings.Join(parts, "; "), policy.MaxMessage)
}

func ended(t *corev1.ContainerStateTerminated) string {
	return said(fmt.Sprintf("exited with code %d", t.ExitCode), t.Reason, t.Message)
}

// said joins what happened, Kubernetes' word for it, and the first line of its
// message, which the container may have written itself.
func said(what, reason, message string) string {
	if reason != "" {
		what += " (" + redact.Line(reason, maxReason) + ")"
	}
	message, _, _ = strings.Cut(strings.TrimSpace(message), "\n")
	if message = redact.Line(message, maxReason); message != "" {
		what += ": " + message
	}
	return what
}

// maxReason is the longest part of a state, in bytes.
const maxReason = 120
