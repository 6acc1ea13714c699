package watcher

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// timeInit notes how long a regular init container runs or ran.
func (r *podRecord) timeInit(s *corev1.ContainerState) {
	switch {
	case s.Running != nil:
		r.initSince = stamp(unixSeconds(s.Running.StartedAt))
	case s.Terminated != nil && s.Terminated.ExitCode == 0:
		began, ended := unixSeconds(s.Terminated.StartedAt), unixSeconds(s.Terminated.FinishedAt)
		if began != 0 && ended > began {
			r.initTook = max(r.initTook, stamp(ended-began))
		}
	}
}

// created tells whether a container has got past being created.
func created(s corev1.ContainerStatus) bool { //nolint:gocritic // as slices.ContainsFunc wants it
	w := s.State.Waiting
	idle := s.State.Running == nil && s.State.Terminated == nil && s.LastTerminationState.Terminated == nil
	return !idle || s.ContainerID != "" || w != nil && !neutral(w.Reason)
}

// disruptions are the whole-pod reasons by which Kubernetes says that it took
// the pod away for its node's or another pod's sake.
var disruptions = []string{"NodeLost", "NodeShutdown", "Preempting", "Shutdown", "Terminated"}

const reasonEvicted = "Evicted"

// disrupted tells whether a whole-pod reason is not the revision's doing. An
// eviction is, where the pod went beyond a limit of its own.
func disrupted(s *corev1.PodStatus) bool {
	if s.Reason == reasonEvicted {
		return !beyondOwnLimit(s.Message)
	}
	return slices.Contains(disruptions, s.Reason)
}

// beyondOwnLimit knows the kubelet's three messages for it.
func beyondOwnLimit(message string) bool {
	return strings.Contains(message, "exceeded its local ephemeral storage limit") ||
		strings.Contains(message, "ephemeral local storage usage exceeds the total limit of containers") ||
		strings.HasPrefix(message, "Usage of EmptyDir volume ") && strings.Contains(message, " exceeds the limit ")
}
