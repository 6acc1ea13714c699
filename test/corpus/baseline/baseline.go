package baseline

import (
	"iter"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/test/corpus/play"
)

// All makes a new set of all baselines.
func All() []play.Judge {
	return []play.Judge{NewDeadline(), NewBreaker(), NewRestarts(), NewFisher()}
}

// Names lists them in the order of All.
func Names() []string {
	var out []string
	for _, j := range All() {
		out = append(out, j.Name())
	}
	return out
}

// failed tells whether a pod shows any failure: a container that exited or was
// restarted, one that cannot start, or a pod that failed as a whole.
func failed(p *corev1.Pod) bool {
	if p.Status.Phase == corev1.PodFailed {
		return true
	}
	for c := range statuses(p) {
		if troubled(c) {
			return true
		}
	}
	return false
}

// statuses is what all containers of a pod show, init containers first.
func statuses(p *corev1.Pod) iter.Seq[*corev1.ContainerStatus] {
	return func(yield func(*corev1.ContainerStatus) bool) {
		for _, list := range [2][]corev1.ContainerStatus{p.Status.InitContainerStatuses, p.Status.ContainerStatuses} {
			for i := range list {
				if !yield(&list[i]) {
					return
				}
			}
		}
	}
}

func troubled(c *corev1.ContainerStatus) bool {
	if t := c.State.Terminated; c.RestartCount > 0 || t != nil && t.ExitCode != 0 {
		return true
	}
	w := c.State.Waiting
	return w != nil && w.Reason != "" && w.Reason != "ContainerCreating" && w.Reason != "PodInitializing"
}
