package lifecycle

import (
	"strconv"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/test/script"
)

type phase int

const (
	phaseBlocked phase = iota // Init containers or volumes come first.
	phaseWaiting              // To be started at next.
	phaseRunning
	phaseExited // The exit shows; at next the kubelet looks again.
	phaseDone   // Not to be restarted.
)

const (
	reasonCreating     = "ContainerCreating"
	reasonInitializing = "PodInitializing"

	// initRun is how long an init container without a play runs.
	initRun = 200 * time.Millisecond
)

// container is the life of one container through its restarts.
type container struct {
	pod     *Pod
	spec    *v1.Container
	part    Part
	init    bool
	sidecar bool

	phase    phase
	next     time.Time
	waiting  v1.ContainerStateWaiting
	restarts int32 // As the status shows it.
	created  int   // Containers created so far; the first is no restart.

	firstStart time.Time
	startedAt  time.Time
	run        int
	exit       *script.Exit
	exitAt     time.Time
	ready      bool

	// stillborn says that the latest container never came to run.
	stillborn bool

	current *v1.ContainerStateTerminated // Of the latest container, once it ended.
	last    *v1.ContainerStateTerminated // Of the one before.
	crash   backoff

	failSince time.Time
	pull      backoff
	pullError string
}

func newContainer(pod *Pod, spec *v1.Container, part Part, init bool, before []v1.ContainerStatus) *container {
	c := &container{pod: pod, spec: spec, part: part, init: init}
	c.sidecar = init && spec.RestartPolicy != nil && *spec.RestartPolicy == v1.ContainerRestartPolicyAlways
	c.waiting = v1.ContainerStateWaiting{Reason: reasonCreating}
	if len(pod.pod.Spec.InitContainers) > 0 {
		c.waiting.Reason = reasonInitializing
	}
	// A kubelet that takes over a pod counts on.
	for _, status := range before {
		if status.Name == spec.Name && status.ContainerID != "" {
			c.restarts, c.created = status.RestartCount, int(status.RestartCount)+1
		}
	}
	return c
}

// unblock makes the container's start due.
func (c *container) unblock(now time.Time) {
	if c.phase == phaseBlocked {
		c.phase = phaseWaiting
		c.next = now.Add(c.jitter(c.part.Play.StartAfter(), "start"))
	}
}

// initialized reports whether the containers after this init container may start.
func (c *container) initialized() bool {
	if c.sidecar {
		return c.phase == phaseRunning || c.phase == phaseExited
	}
	return c.phase == phaseDone && c.current != nil && c.current.ExitCode == 0
}

// advance does what is due, at most one visible change, and returns when the
// next is.
func (c *container) advance(now time.Time) time.Time {
	switch c.phase {
	case phaseWaiting:
		if !now.Before(c.next) {
			c.tryStart(now)
		}
	case phaseRunning:
		c.advanceRunning(now)
	case phaseExited:
		if !now.Before(c.next) {
			c.restart(now)
		}
	case phaseBlocked, phaseDone:
		return time.Time{}
	}
	return c.next
}

// begin makes the container run.
func (c *container) begin(now time.Time) {
	c.create()
	c.phase = phaseRunning
	c.startedAt = now
	if c.firstStart.IsZero() {
		c.firstStart = now
	}
	number := c.run
	if c.part.Shared != nil {
		number = c.part.Shared.draw()
	}
	c.run++
	c.exit, c.exitAt = c.part.Play.Run(number), time.Time{}
	if c.exit == nil && c.init && !c.sidecar && c.part.Play.Then != script.ThenHang {
		completed := int32(0)
		c.exit = &script.Exit{After: script.For(initRun), Code: &completed}
	}
	if c.exit != nil {
		c.exitAt = now.Add(c.jitter(c.exit.After.Duration, "exit", strconv.Itoa(number)))
	}
	c.pod.record(v1.EventTypeNormal, "Created", "Container created", c.spec.Name)
	c.pod.record(v1.EventTypeNormal, "Started", "Container started", c.spec.Name)
	c.ready = c.readiness(now)
}

// create counts a new container, whether or not it then runs.
func (c *container) create() {
	if c.created > 0 {
		c.restarts++
	}
	c.created++
	c.stillborn = false
	if c.current != nil {
		c.last, c.current = c.current, nil
	}
}

func (c *container) advanceRunning(now time.Time) {
	if !c.exitAt.IsZero() && !now.Before(c.exitAt) {
		code, reason := c.exit.Status()
		if c.exit.Probe != "" {
			c.recordKill(c.exit.Probe)
		}
		c.terminate(now, code, reason, c.exit.Message)
		c.phase, c.next = phaseExited, now.Add(c.part.BackOff.Retry.Duration)
		return
	}
	c.ready = c.readiness(now)
}

// readiness is whether the running container is ready now; it also sets next
// to the earlier of the next flip and the exit.
func (c *container) readiness(now time.Time) bool {
	c.next = c.exitAt
	if c.init && !c.sidecar {
		return false
	}
	since := c.startedAt
	if c.part.Shared != nil {
		since = c.part.Shared.started(now)
	}
	// Jitter stretches the whole timeline: its flips keep their order.
	stretch := c.stretch("ready")
	ready, flip := c.part.Play.Ready.At(time.Duration(float64(now.Sub(since)) / stretch))
	if flip > 0 {
		at := since.Add(flip)
		if stretch != 1 {
			// Rounded up, lest it fall a nanosecond short of the flip.
			at = since.Add(time.Duration(float64(flip)*stretch) + 2)
		}
		if c.next.IsZero() || at.Before(c.next) {
			c.next = at
		}
	}
	return ready
}

// terminate ends the running container.
func (c *container) terminate(now time.Time, code int32, reason, message string) {
	c.ready = false
	c.current = &v1.ContainerStateTerminated{
		ExitCode: code, Reason: reason, Message: message,
		StartedAt: stamp(c.startedAt), FinishedAt: stamp(now), ContainerID: c.id(),
	}
	c.exitAt = now
}

// restart decides what follows an exit.
func (c *container) restart(now time.Time) {
	if !c.restartable() {
		c.phase, c.next = phaseDone, time.Time{}
		c.pod.ended = c.pod.allDone()
		return
	}
	c.backOffOrStart(now)
}

func (c *container) restartable() bool {
	switch {
	case c.sidecar:
		return true
	case c.init && c.current.ExitCode == 0:
		return false
	case c.pod.pod.Spec.RestartPolicy == v1.RestartPolicyNever:
		return false
	case c.pod.pod.Spec.RestartPolicy == v1.RestartPolicyOnFailure:
		return c.current.ExitCode != 0
	}
	return true
}

// end stops the container for good.
func (c *container) end(now time.Time, gracefully bool) {
	switch c.phase {
	case phaseRunning:
		c.pod.record(v1.EventTypeNormal, "Killing", "Stopping container "+c.spec.Name, c.spec.Name)
		if gracefully {
			c.terminate(now, 0, "Completed", "")
		} else {
			c.terminate(now, 137, "Error", "")
		}
		c.phase = phaseDone
	case phaseExited:
		c.phase = phaseDone
	case phaseBlocked, phaseWaiting, phaseDone:
	}
	c.next = time.Time{}
}

// allDone reports whether the pod has failed to initialize for good, or all of
// its ordinary containers are done.
func (p *Pod) allDone() bool {
	for _, c := range p.init {
		if c.phase == phaseDone && c.current.ExitCode != 0 {
			return true
		}
	}
	for _, c := range p.main {
		if c.phase != phaseDone {
			return false
		}
	}
	return true
}

func (c *container) jitter(d time.Duration, what ...string) time.Duration {
	return time.Duration(float64(d) * c.stretch(what...))
}

// stretch is a factor around 1 that is the same whenever it is asked for.
func (c *container) stretch(what ...string) float64 {
	if c.part.Play.Jitter == 0 {
		return 1
	}
	parts := append([]string{c.part.Key, c.spec.Name}, what...)
	return 1 + c.part.Play.Jitter*(2*script.Fraction(c.part.Seed, parts...)-1)
}
