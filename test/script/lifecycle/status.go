package lifecycle

import (
	"crypto/sha256"
	"fmt"
	"sort"
	"strconv"
	"time"

	v1 "k8s.io/api/core/v1"
)

// status is the container's status as the kubelet writes it.
func (c *container) status() v1.ContainerStatus {
	started := c.phase == phaseRunning && (c.spec.StartupProbe == nil || c.ready)
	s := v1.ContainerStatus{
		Name: c.spec.Name, Image: c.spec.Image, RestartCount: c.restarts,
		Ready:   c.ready || c.init && !c.sidecar && c.initialized(),
		Started: &started,
	}
	if c.created > 0 {
		s.Image = imageWithTag(c.spec.Image)
		s.ImageID = fmt.Sprintf("%s@sha256:%x", c.spec.Image, sha256.Sum256([]byte(c.spec.Image+c.part.Play.Digest)))
		s.ContainerID = c.id()
	}
	switch {
	case c.phase == phaseRunning:
		s.State.Running = &v1.ContainerStateRunning{StartedAt: stamp(c.startedAt)}
		s.LastTerminationState.Terminated = c.last
	case c.showsExit():
		s.State.Terminated = c.current
		s.LastTerminationState.Terminated = c.last
	default:
		waiting := c.waiting
		s.State.Waiting = &waiting
		s.LastTerminationState.Terminated = c.current
	}
	return s
}

// showsExit reports whether the state is the exit. A container that could not
// be started, or whose hook failed, waits instead.
func (c *container) showsExit() bool {
	if c.current == nil {
		return false
	}
	return c.phase == phaseDone || c.phase == phaseExited && !c.stillborn
}

// id is the runtime's name of the latest container.
func (c *container) id() string {
	sum := sha256.Sum256([]byte(string(c.pod.pod.UID) + c.spec.Name + strconv.Itoa(c.created)))
	return fmt.Sprintf("containerd://%x", sum)
}

// Status is the pod's status as the kubelet would write it now, after before,
// whose conditions of others it keeps.
func (p *Pod) Status(now time.Time, before v1.PodStatus) v1.PodStatus {
	begun := stamp(p.begun)
	status := v1.PodStatus{
		ObservedGeneration: p.pod.Generation,
		QOSClass:           before.QOSClass,
		HostIP:             p.node,
		HostIPs:            []v1.HostIP{{IP: p.node}},
		StartTime:          &begun,
		Reason:             before.Reason,
		Message:            before.Message,
	}
	if before.StartTime != nil {
		status.StartTime = before.StartTime
	}
	if p.mounted {
		status.PodIP = p.address
		status.PodIPs = []v1.PodIP{{IP: p.address}}
	}
	for _, c := range p.init {
		status.InitContainerStatuses = append(status.InitContainerStatuses, c.status())
	}
	for _, c := range p.main {
		status.ContainerStatuses = append(status.ContainerStatuses, c.status())
	}
	sort.Slice(status.ContainerStatuses, func(i, j int) bool {
		return status.ContainerStatuses[i].Name < status.ContainerStatuses[j].Name
	})
	status.Phase = p.phase()
	// A pod that was evicted has failed, whatever its containers show.
	if before.Phase == v1.PodFailed || before.Phase == v1.PodSucceeded {
		status.Phase = before.Phase
	}
	status.Conditions = p.conditions(now, status, before)
	return status
}

// phase mirrors getPhase of the kubelet.
func (p *Pod) phase() v1.PodPhase {
	for _, c := range p.init {
		if c.phase == phaseDone && c.current != nil && c.current.ExitCode != 0 && !c.sidecar {
			return v1.PodFailed
		}
		if !p.initialized && !c.initialized() {
			return v1.PodPending
		}
	}
	running, failed := false, false
	for _, c := range p.main {
		switch {
		case c.phase == phaseRunning:
			running = true
		case c.current == nil:
			return v1.PodPending
		case c.phase != phaseDone:
			running = true
		case c.current.ExitCode != 0:
			failed = true
		}
	}
	switch {
	case running:
		return v1.PodRunning
	case failed:
		return v1.PodFailed
	}
	return v1.PodSucceeded
}
