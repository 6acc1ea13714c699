package policy

import (
	"slices"
	"strings"
	"time"
)

// class is a kind of trouble that one cause outside can bring to workloads that
// have nothing to do with each other.
type class string

// The classes.
const (
	classImage    class = "image"    // An image cannot be pulled.
	classRun      class = "run"      // Processes exit, are killed, wait or are not ready.
	classSchedule class = "schedule" // Pods find no node.
	classCreate   class = "create"   // Pods cannot be created.
	classMount    class = "mount"    // Volumes or networks are not set up.
)

// classOf is the class of a failure, "" for those that only a template brings about.
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
	return ""
}

// failing lists the classes of what a revision's pods fail with now, each
// once, and since when they do.
func failing(o *Observation, r *Revision) (list []class, since time.Time) {
	add := func(c class, first time.Time) {
		if c == "" {
			return
		}
		since = earliest(since, first)
		if !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	for _, f := range r.Failures {
		if f.Pods > 0 {
			add(classOf(f), f.First)
		}
	}
	if o.AvailableReplicas < o.Replicas && len(r.Waiting) > 0 {
		add(classRun, r.Waiting[0])
	}
	return list, since
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
