package world

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// nodes is how many there are.
const nodes = 3

// birth is the kubelet taking over a pod.
func (w *World) birth(p *corev1.Pod, template string) {
	l := &life{name: p.Name, uid: p.UID, template: template, fate: w.truth[template].Fate, exits: -1}
	switch l.fate {
	case Flaky:
		l.exits = max(w.Rand.IntN(5)-2, 0)
	case Crash, OutOfMemory, LateCrash, CannotStart:
	default:
		l.exits = 0
	}
	w.lives[p.UID] = l
	w.after(100*time.Millisecond, 800*time.Millisecond, l, w.schedule)
}

func (w *World) schedule(l *life) {
	there := w.of(l, func(p *corev1.Pod, c *corev1.ContainerStatus) {
		p.Spec.NodeName = fmt.Sprintf("node-%d", w.Rand.IntN(nodes))
		c.State.Waiting = &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}
		w.setCondition(p, corev1.PodScheduled, true)
		w.setCondition(p, corev1.PodReady, false)
	})
	if there {
		w.after(time.Second, 3*time.Second, l, w.start)
	}
}

// start brings a container as far as it gets.
func (w *World) start(l *life) {
	switch {
	case l.fate == ImageMissing, l.fate == ImageInvalid, l.fate == RegistryTrouble && l.attempts < 2:
		w.pull(l)
	case l.fate == ConfigMissing, l.fate == ConfigLate && l.attempts < 3:
		w.configure(l)
	case l.fate == CannotStart:
		w.fail(l)
	default:
		w.run(l)
	}
}

// pull fails, and backs off.
func (w *World) pull(l *life) {
	l.attempts++
	reason, message := "ErrImagePull", "manifest unknown: not found"
	if l.fate == ImageInvalid {
		reason, message = "InvalidImageName", "couldn't parse image name"
	}
	if l.fate == RegistryTrouble {
		message = "dial tcp: i/o timeout"
	}
	there := w.of(l, func(_ *corev1.Pod, c *corev1.ContainerStatus) {
		c.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
		w.showIfBad(l)
		if reason == "InvalidImageName" {
			return
		}
		w.after(time.Second, 2*time.Second, l, func(l *life) {
			w.of(l, func(p *corev1.Pod, c *corev1.ContainerStatus) {
				c.State.Waiting = &corev1.ContainerStateWaiting{
					Reason:  "ImagePullBackOff",
					Message: fmt.Sprintf("Back-off pulling image %q: %s: %s", p.Spec.Containers[0].Image, reason, message),
				}
			})
		})
	})
	if there && reason != "InvalidImageName" {
		w.after(backOff(l.attempts), backOff(l.attempts)+2*time.Second, l, w.start)
	}
}

// configure waits for a ConfigMap.
func (w *World) configure(l *life) {
	l.attempts++
	first := l.attempts == 1
	there := true
	if first {
		there = w.of(l, func(_ *corev1.Pod, c *corev1.ContainerStatus) {
			c.State.Waiting = &corev1.ContainerStateWaiting{Reason: "CreateContainerConfigError", Message: `configmap "app" not found`}
			w.showIfBad(l)
		})
	}
	if there && (l.fate == ConfigLate || first) {
		w.after(9*time.Second, 11*time.Second, l, w.start)
	}
}

// fail is a process that cannot be started.
func (w *World) fail(l *life) {
	l.runs++
	there := w.of(l, func(p *corev1.Pod, c *corev1.ContainerStatus) {
		w.restarting(l, c)
		p.Status.Phase = corev1.PodRunning
		c.State = w.terminated(*c, 128, "StartError", `exec: "/app": executable file not found in $PATH`)
		w.showIfBad(l)
	})
	if there {
		w.backOff(l)
	}
}

// restarting begins a container's next run.
func (w *World) restarting(l *life, c *corev1.ContainerStatus) {
	if l.runs > 1 {
		c.RestartCount++
	}
	if c.State.Terminated != nil {
		c.LastTerminationState = c.State
	}
	c.ContainerID = containerID(l)
}

// run starts the process and lets it live as long as it does.
func (w *World) run(l *life) {
	l.runs++
	there := w.of(l, func(p *corev1.Pod, c *corev1.ContainerStatus) {
		w.restarting(l, c)
		p.Status.Phase = corev1.PodRunning
		c.State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(w.Clock.Now().Truncate(time.Second))}}
	})
	if !there {
		return
	}
	switch {
	case l.fate == NeverReady:
		w.after(30*time.Second, 31*time.Second, l, func(l *life) { w.showIfBad(l) })
	case l.fate == LateCrash && l.runs == 1:
		w.after(time.Second, 5*time.Second, l, w.ready)
		w.after(40*time.Second, 100*time.Second, l, w.exit)
	case l.exits < 0 || l.runs <= l.exits:
		w.after(time.Second, 2*time.Second, l, w.exit)
	case l.fate == Slow:
		w.after(20*time.Second, 40*time.Second, l, w.ready)
	default:
		w.after(time.Second, 10*time.Second, l, w.ready)
	}
}

func (w *World) ready(l *life) {
	w.of(l, func(p *corev1.Pod, c *corev1.ContainerStatus) {
		c.Ready = true
		w.setCondition(p, corev1.PodReady, true)
	})
}

func (w *World) exit(l *life) {
	code, reason := int32(1), "Error"
	if l.fate == OutOfMemory {
		code, reason = 137, "OOMKilled"
	}
	there := w.of(l, func(p *corev1.Pod, c *corev1.ContainerStatus) {
		c.State, c.Ready = w.terminated(*c, code, reason, ""), false
		w.setCondition(p, corev1.PodReady, false)
		w.showIfBad(l)
	})
	if there {
		w.backOff(l)
	}
}

// backOff lets a container wait before its next run. At times nobody sees it wait.
func (w *World) backOff(l *life) {
	if w.chance(2) {
		w.after(200*time.Millisecond, time.Second, l, func(l *life) {
			w.of(l, func(_ *corev1.Pod, c *corev1.ContainerStatus) {
				c.LastTerminationState = c.State
				c.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: "back-off"}}
			})
		})
	}
	w.after(backOff(l.runs), backOff(l.runs)+2*time.Second, l, w.start)
}

// showIfBad notes evidence that is the template's own fault.
func (w *World) showIfBad(l *life) {
	if l.fate.Bad() {
		w.show(l)
	}
}

// backOff doubles from 10 seconds to 5 minutes.
func backOff(attempt int) time.Duration {
	return min(10*time.Second<<min(attempt-1, 5), 5*time.Minute)
}
