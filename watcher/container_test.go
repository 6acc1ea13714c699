package watcher

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// TestExitArithmetic says how many exits a status shows, and of which kind the
// last one is.
func TestExitArithmetic(t *testing.T) {
	ended := func(code int32, reason, id string) corev1.ContainerState {
		return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
			ExitCode: code, Reason: reason, ContainerID: id,
		}}
	}
	waits := func(reason string) corev1.ContainerState {
		return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}
	}
	runs := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	none := corev1.ContainerState{}
	for _, c := range []struct {
		name        string
		state, last corev1.ContainerState
		restarts    int32
		id          string
		serving     bool
		exits       int32
		reason      string
		waiting     string
	}{
		{"never ran", waits("ContainerCreating"), none, 0, "", true, 0, "", ""},
		{"no reason yet", waits(""), none, 0, "", true, 0, "", ""},
		{"runs for the first time", runs, none, 0, "c0", true, 0, "", ""},
		{"first exit", ended(1, "Error", "c0"), none, 0, "c0", true, 1, "Error", ""},
		{"first exit, waits", waits("CrashLoopBackOff"), ended(1, "Error", "c0"), 0, "c0", true, 1, "Error", ""},
		{"runs again", runs, ended(1, "Error", "c0"), 1, "c1", true, 1, "Error", ""},
		{"second exit", ended(1, "Error", "c1"), ended(1, "Error", "c0"), 1, "c1", true, 2, "Error", ""},
		{"second exit, waits", waits("CrashLoopBackOff"), ended(1, "Error", "c1"), 1, "c1", true, 2, "Error", ""},
		{"waits, no ids", waits("CrashLoopBackOff"), ended(1, "Error", ""), 4, "", true, 5, "Error", ""},
		{"created again, not started", waits(""), ended(1, "Error", "c1"), 2, "c2", true, 2, "Error", ""},
		{"created again, no ids", waits("ContainerCreating"), ended(1, "Error", ""), 2, "", true, 2, "Error", ""},
		{"cannot create after an exit", waits("CreateContainerError"), ended(1, "Error", "c0"), 0, "c0", true, 1, "Error", "CreateContainerError"},
		{"cannot pull after an exit", waits("ErrImagePull"), ended(1, "Error", "c1"), 1, "c1", true, 2, "Error", "ErrImagePull"},
		{"cannot start", waits("RunContainerError"), ended(128, "StartError", "c0"), 0, "c0", true, 1, "StartError", ""},
		{"cannot start, no ids", waits("RunContainerError"), ended(128, "StartError", ""), 1, "", true, 2, "StartError", ""},
		{"cannot start, nothing ended", waits("RunContainerError"), none, 0, "", true, 0, "", "RunContainerError"},
		{"cannot start, an older one ended", waits("RunContainerError"), ended(1, "Error", "c0"), 1, "c1", true, 1, "Error", "RunContainerError"},
		{"hook failed", waits("PostStartHookError"), ended(137, "Error", "c0"), 0, "c0", true, 1, "PostStartHookError", ""},
		{"backs off from nothing known", waits("CrashLoopBackOff"), none, 2, "", true, 0, "", "CrashLoopBackOff"},
		{"reason left out", ended(3, "", "c0"), none, 0, "c0", true, 1, "Error", ""},
		{"reason left out, exit 0", ended(0, "", "c0"), none, 0, "c0", true, 1, "Completed", ""},
		{"counter lost", runs, ended(1, "Error", "c0"), 0, "c1", true, 1, "Error", ""},
		{"lost sight of", ended(137, "ContainerStatusUnknown", ""), none, 1, "c0", true, 1, "ContainerStatusUnknown", ""},
		{"lost sight of, waits", waits("CrashLoopBackOff"), ended(137, "ContainerStatusUnknown", ""), 1, "", true, 1, "ContainerStatusUnknown", ""},
		{"app is done", ended(0, "Completed", "c0"), none, 0, "c0", true, 1, "Completed", ""},
		{"init is done", ended(0, "Completed", "c0"), none, 0, "c0", false, 0, "", ""},
		{"init is done at the third try", ended(0, "Completed", "c2"), ended(1, "Error", "c1"), 2, "c2", false, 2, "Error", ""},
		{"init is done again", ended(0, "Completed", "c1"), ended(0, "Completed", "c0"), 1, "c1", false, 0, "", ""},
		{"init runs again after it was done", runs, ended(0, "Completed", "c0"), 1, "c1", false, 0, "", ""},
		{"init fails", ended(1, "Error", "c0"), none, 0, "c0", false, 1, "Error", ""},
		{"sidecar ends with 0", waits("CrashLoopBackOff"), ended(0, "Completed", "c1"), 1, "c1", true, 2, "Completed", ""},
		{"old docker", ended(127, "ContainerCannotRun", "c0"), none, 0, "c0", true, 1, "ContainerCannotRun", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _ := reduceContainer(&corev1.ContainerStatus{
				Name: "app", State: c.state, LastTerminationState: c.last, RestartCount: c.restarts, ContainerID: c.id,
			}, !c.serving, c.serving)
			if got.exits != c.exits || text(got.last.reason) != c.reason || text(got.waiting) != c.waiting {
				t.Errorf("exits %d of %q, waiting %q; want %d of %q, waiting %q",
					got.exits, text(got.last.reason), text(got.waiting), c.exits, c.reason, c.waiting)
			}
		})
	}
}

func TestBehindBackOff(t *testing.T) {
	for _, c := range []struct{ message, reason, attempt string }{
		{`Back-off pulling image "a/b:1": ErrImagePull: manifest unknown`, "ErrImagePull", "manifest unknown"},
		{`Back-off pulling image "a/b:1": RegistryUnavailable: image pull failed`, "RegistryUnavailable", "image pull failed"},
		{`Back-off pulling image "a/b:1": rpc error: code = NotFound`, "ErrImagePull", "rpc error: code = NotFound"},
		{`Back-off pulling image "a/b:1": Odd`, "ErrImagePull", "Odd"},
		{`Back-off pulling image "a/b:1"`, "ErrImagePull", `Back-off pulling image "a/b:1"`},
		{``, "ErrImagePull", ``},
	} {
		reason, attempt := behindBackOff(c.message)
		if reason != c.reason || attempt != c.attempt {
			t.Errorf("behindBackOff(%q) = %q, %q; want %q, %q", c.message, reason, attempt, c.reason, c.attempt)
		}
	}
}
