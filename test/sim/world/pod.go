package world

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// life is what the kubelet knows of one pod.
type life struct {
	name     string
	uid      types.UID
	template string
	fate     Fate
	// exits is how often the container will exit, -1 for ever.
	exits int
	// runs and attempts count what has been.
	runs, attempts int
}

// deletePod asks a pod to go; it takes a moment.
func (w *World) deletePod(p *corev1.Pod) {
	now := metav1.NewTime(w.Clock.Now().Truncate(time.Second))
	next := *p
	next.DeletionTimestamp = &now
	w.Replace(w.Pods, &next)
	w.Clock.After(w.between(time.Second, 5*time.Second), func() {
		if last, ok := w.Pods.Get(p.Name).(*corev1.Pod); ok {
			delete(w.lives, p.UID)
			w.Remove(w.Pods, last)
		}
	})
}

// evict takes a pod away for reasons of the cluster's own.
func (w *World) evict(p *corev1.Pod) {
	w.update(p, func(p *corev1.Pod) {
		w.setCondition(p, corev1.DisruptionTarget, true)
		if c := &p.Status.ContainerStatuses; len(*c) > 0 && (*c)[0].State.Running != nil && w.chance(2) {
			// The container is killed before anybody hears of the deletion.
			(*c)[0].State = w.terminated((*c)[0], 137, "Error", "")
			w.setCondition(p, corev1.PodReady, false)
		}
	})
	if p, ok := w.Pods.Get(p.Name).(*corev1.Pod); ok {
		w.deletePod(p)
	}
}

// update replaces a pod by a changed copy.
func (w *World) update(p *corev1.Pod, change func(*corev1.Pod)) {
	next := *p
	next.Status.Conditions = slices.Clone(p.Status.Conditions)
	next.Status.ContainerStatuses = slices.Clone(p.Status.ContainerStatuses)
	change(&next)
	w.Replace(w.Pods, &next)
}

// of changes the pod of a life, unless it is gone or on its way out.
func (w *World) of(l *life, change func(p *corev1.Pod, c *corev1.ContainerStatus)) bool {
	p, ok := w.Pods.Get(l.name).(*corev1.Pod)
	if !ok || p.UID != l.uid || !active(p) {
		return false
	}
	w.update(p, func(p *corev1.Pod) {
		if len(p.Status.ContainerStatuses) == 0 {
			p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "app", Image: p.Spec.Containers[0].Image}}
		}
		change(p, &p.Status.ContainerStatuses[0])
	})
	return true
}

// after calls next for a life after a while; next finds out whether it goes on.
func (w *World) after(least, most time.Duration, l *life, next func(*life)) {
	w.Clock.After(w.between(least, most), func() { next(l) })
}

func (w *World) setCondition(p *corev1.Pod, kind corev1.PodConditionType, is bool) {
	c := corev1.PodCondition{Type: kind, Status: corev1.ConditionFalse, LastTransitionTime: metav1.NewTime(w.Clock.Now().Truncate(time.Second))}
	if is {
		c.Status = corev1.ConditionTrue
	}
	for i, old := range p.Status.Conditions {
		if old.Type != kind {
			continue
		}
		if old.Status != c.Status {
			p.Status.Conditions[i] = c
		}
		return
	}
	p.Status.Conditions = append(p.Status.Conditions, c)
}

// terminated is the state of a container that ends now.
func (w *World) terminated(c corev1.ContainerStatus, code int32, reason, message string) corev1.ContainerState {
	x := &corev1.ContainerStateTerminated{
		ExitCode: code, Reason: reason, Message: message, ContainerID: c.ContainerID,
		FinishedAt: metav1.NewTime(w.Clock.Now().Truncate(time.Second)),
	}
	if c.State.Running != nil {
		x.StartedAt = c.State.Running.StartedAt
	}
	return corev1.ContainerState{Terminated: x}
}

func isReady(p *corev1.Pod) bool {
	_, ready := readySince(p)
	return ready
}

func readySince(p *corev1.Pod) (time.Time, bool) {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.LastTransitionTime.Time, c.Status == corev1.ConditionTrue
		}
	}
	return time.Time{}, false
}

// containerID names one run of a container.
func containerID(l *life) string { return fmt.Sprintf("containerd://%s-%d", l.uid, l.runs) }
