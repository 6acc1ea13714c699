package script

import (
	"fmt"
	"slices"
)

// The waiting reasons of a container that cannot start.
const (
	ReasonErrImagePull      = "ErrImagePull"
	ReasonRunContainerError = "RunContainerError"
)

// failReasons are the waiting reasons a Fail may show. ImagePullBackOff and
// CrashLoopBackOff are not among them: they follow from failures.
var failReasons = []string{
	ReasonErrImagePull, "ErrImageNeverPull", "ImageInspectError", "InvalidImageName", "RegistryUnavailable",
	"SignatureValidationFailed", "CreateContainerConfigError", "CreateContainerError", "PreCreateHookError",
	"PreStartHookError", "PostStartHookError", ReasonRunContainerError,
}

// The reasons of an eviction.
const (
	EvictByAPI        = "EvictionByEvictionAPI"
	EvictByScheduler  = "PreemptionByScheduler"
	EvictByTaint      = "DeletionByTaintManager"
	EvictByCollector  = "DeletionByPodGC"
	EvictByKubelet    = "TerminationByKubelet"
	defaultEvictCause = EvictByAPI
)

// EvictReasons are the reasons that an Evict may have.
var EvictReasons = []string{EvictByAPI, EvictByScheduler, EvictByTaint, EvictByCollector, EvictByKubelet}

// Why is the eviction's reason.
func (e *Evict) Why() string {
	if e.Reason == "" {
		return defaultEvictCause
	}
	return e.Reason
}

// evictMessages are the usual messages of each reason.
var evictMessages = map[string]string{
	EvictByScheduler: "default-scheduler: preempting to accommodate a higher priority pod",
	EvictByTaint:     "Taint manager: deleting due to NoExecute taint",
	EvictByCollector: "PodGC: node no longer exists",
	EvictByKubelet: "The node was low on resource: memory. Threshold quantity: 100Mi, available: 52Mi. " +
		"Container app was using 812Mi, request is 0, has larger consumption of memory. ",
}

// Text is the message of the condition DisruptionTarget.
func (e *Evict) Text() string {
	if e.Message != "" {
		return e.Message
	}
	return evictMessages[e.Why()]
}

// causes are what each reason can be caused by, the default first.
var causes = map[string][]Cause{
	ReasonErrImagePull:      {CauseNotFound, CauseUnauthorized, CauseRateLimited, CauseTimeout},
	ReasonRunContainerError: {CauseNoCommand, CausePermission},
}

func (f *Fail) validate(c *checker, path string) {
	c.duration(path+".for", f.For)
	if f.Reason == "" {
		c.addf(path+".reason", "is empty: say why the container cannot start")
		return
	}
	if !slices.Contains(failReasons, f.Reason) {
		oneOf(c, path+".reason", f.Reason, failReasons...)
		return
	}
	if f.Cause == "" {
		return
	}
	if allowed := causes[f.Reason]; len(allowed) > 0 {
		oneOf(c, path+".cause", f.Cause, allowed...)
		return
	}
	c.addf(path+".cause", "%q does not go with %s: give a message instead", f.Cause, f.Reason)
}

// Text is the message of the failure as containerd 1.7 and the kubelet word it.
func (f *Fail) Text(image string, command []string) string {
	if f.Message != "" {
		return f.Message
	}
	cause := f.Cause
	if cause == "" && len(causes[f.Reason]) > 0 {
		cause = causes[f.Reason][0]
	}
	binary := "app"
	if len(command) > 0 {
		binary = command[0]
	}
	const pull = `failed to pull and unpack image %[1]q: failed to resolve reference %[1]q: `
	const shim = "failed to create containerd task: failed to create shim task: OCI runtime create failed: " +
		"runc create failed: unable to start container process: exec: %[1]q: "
	switch cause {
	case CauseNotFound:
		return fmt.Sprintf("rpc error: code = NotFound desc = "+pull+"%[1]s: not found", image)
	case CauseUnauthorized:
		return fmt.Sprintf("rpc error: code = Unknown desc = "+pull+
			"pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials", image)
	case CauseRateLimited:
		return fmt.Sprintf("rpc error: code = Unknown desc = "+pull+
			"unexpected status from HEAD request to the registry: 429 Too Many Requests", image)
	case CauseTimeout:
		return fmt.Sprintf("rpc error: code = DeadlineExceeded desc = "+pull+
			"failed to do request: net/http: TLS handshake timeout", image)
	case CauseNoCommand:
		if len(binary) > 0 && binary[0] == '/' {
			return fmt.Sprintf(shim+"stat %[1]s: no such file or directory: unknown", binary)
		}
		return fmt.Sprintf(shim+"executable file not found in $PATH: unknown", binary)
	case CausePermission:
		return fmt.Sprintf(shim+"permission denied: unknown", binary)
	}
	switch f.Reason {
	case "InvalidImageName":
		return fmt.Sprintf("Failed to apply default image tag %q: couldn't parse image name %q: invalid reference format", image, image)
	case "ErrImageNeverPull":
		return fmt.Sprintf("Container image %q is not present with pull policy of Never", image)
	}
	return f.Reason
}
