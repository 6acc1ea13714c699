package policy

import "strings"

// class is a kind of trouble that one cause outside can bring to workloads that
// have nothing to do with each other, or several kinds: each is a bit.
type class uint8

// The classes.
const (
	classImage    class = 1 << iota // An image cannot be pulled.
	classRun                        // Processes exit, are killed, wait or are not ready.
	classSchedule                   // Pods find no node.
	classCreate                     // Pods cannot be created.
	classMount                      // Volumes or networks are not set up.

	classCount = 5
)

// classOf is the class of a failure, 0 for those that only a template brings about.
func classOf(f Failure) class {
	switch f.Reason {
	case "ErrImagePull", "RegistryUnavailable", "ImageInspectError":
		return classImage
	case "Unschedulable", "SchedulerError":
		return classSchedule
	case "FailedCreate":
		return classCreate
	case "FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox", "CreatePodSandboxError":
		return classMount
	case "NotReady", "InitStuck", reasonCheckFailed:
		return classRun
	}
	if f.Exited {
		return classRun
	}
	return 0
}

// registry is the host of an image's registry.
func registry(image string) string {
	host, _, found := strings.Cut(image, "/")
	if !found || !strings.ContainsAny(host, ".:") && host != "localhost" {
		return "docker.io"
	}
	return host
}

// behaved tells whether a finding is about what a process did once it ran. What
// it was configured with may have changed beside the template; what keeps it
// from running at all is in the template itself.
func behaved(f Finding) bool {
	for _, failure := range f.Failures {
		if c := classOf(failure); c != classRun || cannotStart(failure) {
			return false
		}
	}
	return len(f.Failures) > 0
}
