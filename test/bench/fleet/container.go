package fleet

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// container is the status of a pod's i-th container. Only the first one, the
// app, ever ends.
func (s *Set) container(p *Pod, i int) corev1.ContainerStatus {
	spec := &s.spec.Containers[i]
	status := corev1.ContainerStatus{
		Name: spec.Name, Image: spec.Image, Started: new(p.Stage > Scheduled), Resources: &spec.Resources, AllocatedResources: spec.Resources.Requests,
	}
	for _, m := range spec.VolumeMounts {
		v := corev1.VolumeMountStatus{Name: m.Name, MountPath: m.MountPath, ReadOnly: m.ReadOnly}
		if m.ReadOnly {
			v.RecursiveReadOnly = new(corev1.RecursiveReadOnlyDisabled)
		}
		status.VolumeMounts = append(status.VolumeMounts, v)
	}
	if p.Stage == Scheduled {
		status.State.Waiting = &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}
		return status
	}
	status.ImageID = "registry.example.com/platform/metrics-proxy@sha256:" + digest(kindImage)
	if i == 0 {
		status.ImageID = spec.Image[:strings.LastIndexByte(spec.Image, ':')] + "@sha256:" + s.image
	}
	status.ContainerID = containerID(p.Number, uint64(i)) //nolint:gosec // never below zero
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: at(p.Started)}}
	if i > 0 {
		status.State, status.Ready = running, true
		return status
	}
	status.Ready = p.Stage == Ready || p.Stage == Terminating
	status.State = running
	if p.Ended != 0 {
		s.crashed(p, &status)
		return status
	}
	if p.Stage == Unstartable {
		status.State, status.Started = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "RunContainerError", Message: unstartable}}, new(false)
	}
	return status
}

// unstartable is what a runtime says of a command that does not exist.
const unstartable = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: " +
	`unable to start container process: error during container init: exec: "serve": executable file not found in $PATH: unknown`

func containerID(parts ...uint64) string {
	return "containerd://" + digest(append([]uint64{kindContainer}, parts...)...)
}
