package lifecycle

import (
	"fmt"
	"strings"
	"time"

	"github.com/distribution/reference"
	v1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/test/script"
)

// The reasons that the kubelet finds by itself or that follow from others.
const (
	reasonCrashLoop     = "CrashLoopBackOff"
	reasonPullBackOff   = "ImagePullBackOff"
	reasonInvalidImage  = "InvalidImageName"
	reasonConfigError   = "CreateContainerConfigError"
	reasonStartError    = "StartError"
	codeCouldNotStart   = 128
	codeKilled          = 137
	eventBackOff        = "BackOff"
	eventFailed         = "Failed"
	eventInspectFailed  = "InspectFailed"
	eventUnhealthyProbe = "Unhealthy"
)

// tryStart is one attempt of the kubelet to start the container.
func (c *container) tryStart(now time.Time) {
	if c.current != nil {
		c.backOffOrStart(now)
		return
	}
	c.start(now)
}

// backOffOrStart mirrors doBackOff of the kubelet: the first restart is
// immediate, the ones after it wait longer and longer since the exit.
func (c *container) backOffOrStart(now time.Time) {
	if !c.crash.active(c.part.BackOff, c.exitAt, now) {
		c.crash.next(c.part.BackOff, c.exitAt, now)
		c.start(now)
		return
	}
	name := c.podName()
	c.wait(c.exitAt.Add(c.crash.wait), reasonCrashLoop,
		fmt.Sprintf("back-off %s restarting failed container=%s pod=%s", c.crash.wait, c.spec.Name, name))
	c.pod.record(v1.EventTypeWarning, eventBackOff,
		fmt.Sprintf("Back-off restarting failed container %s in pod %s", c.spec.Name, name), c.spec.Name)
}

// start runs the container unless something is in its way.
func (c *container) start(now time.Time) {
	retry := now.Add(c.part.BackOff.Retry.Duration)
	if message := invalidImage(c.spec.Image); message != "" {
		c.wait(retry, reasonInvalidImage, message)
		c.pod.record(v1.EventTypeWarning, eventInspectFailed, message, c.spec.Name)
		c.pod.record(v1.EventTypeWarning, eventFailed, "Error: "+reasonInvalidImage, c.spec.Name)
		return
	}
	if fail := c.failure(now); fail != nil {
		c.fail(now, fail)
		return
	}
	if missing := c.pod.env.Environment(c.pod.pod, c.spec); missing != "" {
		c.wait(retry, reasonConfigError, missing)
		c.pod.record(v1.EventTypeWarning, eventFailed, "Error: "+missing, c.spec.Name)
		return
	}
	c.begin(now)
}

// failure is the play's failure while it lasts.
func (c *container) failure(now time.Time) *script.Fail {
	fail := c.part.Play.Fail
	if fail == nil {
		return nil
	}
	if c.failSince.IsZero() {
		c.failSince = now
		if c.part.Shared != nil {
			c.failSince = c.part.Shared.failing(now)
		}
	}
	if fail.For.Duration > 0 && !now.Before(c.failSince.Add(c.jitter(fail.For.Duration, "fail"))) {
		return nil
	}
	return fail
}

func (c *container) fail(now time.Time, fail *script.Fail) {
	message := fail.Text(imageWithTag(c.spec.Image), c.spec.Command)
	switch fail.Reason {
	case script.ReasonErrImagePull, "RegistryUnavailable", "SignatureValidationFailed":
		c.failPull(now, fail, message)
	case script.ReasonRunContainerError:
		c.failRun(now, fail.Reason, message, v1.ContainerStateTerminated{
			ExitCode: codeCouldNotStart, Reason: reasonStartError, Message: message, StartedAt: stamp(time.Unix(0, 0)),
		})
	case "PostStartHookError":
		c.pod.record(v1.EventTypeWarning, "FailedPostStartHook", message, c.spec.Name)
		c.failRun(now, fail.Reason, message, v1.ContainerStateTerminated{ExitCode: codeKilled, Reason: "Error", StartedAt: stamp(now)})
	default:
		c.wait(now.Add(c.part.BackOff.Retry.Duration), fail.Reason, message)
		c.pod.record(v1.EventTypeWarning, eventFailed, "Error: "+message, c.spec.Name)
	}
}

// failPull alternates between a pull that fails and the back-off after it,
// whose message repeats the pull's.
func (c *container) failPull(now time.Time, fail *script.Fail, message string) {
	image := imageWithTag(c.spec.Image)
	if c.pull.active(c.part.BackOff, c.pull.updated, now) {
		backOff := fmt.Sprintf("Back-off pulling image %q", image)
		c.pod.record(v1.EventTypeNormal, eventBackOff, backOff, c.spec.Name)
		c.pod.record(v1.EventTypeWarning, eventFailed, "Error: "+reasonPullBackOff, c.spec.Name)
		c.wait(c.pull.updated.Add(c.pull.wait), reasonPullBackOff, backOff+": "+c.pullError)
		return
	}
	c.pod.record(v1.EventTypeNormal, "Pulling", fmt.Sprintf("Pulling image %q", image), c.spec.Name)
	c.pod.record(v1.EventTypeWarning, eventFailed, fmt.Sprintf("Failed to pull image %q: %s", image, message), c.spec.Name)
	c.pod.record(v1.EventTypeWarning, eventFailed, "Error: "+fail.Reason, c.spec.Name)
	c.pull.next(c.part.BackOff, now, now)
	c.pullError = fail.Reason + ": " + message
	c.wait(now.Add(c.part.BackOff.Retry.Duration), fail.Reason, message)
}

// failRun is a container that the runtime creates and that does not come to
// run: it cannot be started, or is killed because its hook fails. It has ended,
// counts as a crash, and shows as waiting.
func (c *container) failRun(now time.Time, reason, message string, end v1.ContainerStateTerminated) {
	c.create()
	end.FinishedAt, end.ContainerID = stamp(now), c.id()
	c.current, c.stillborn = &end, true
	c.exitAt = now
	c.pod.record(v1.EventTypeNormal, "Created", "Container created", c.spec.Name)
	c.pod.record(v1.EventTypeWarning, eventFailed, "Error: "+message, c.spec.Name)
	c.wait(now.Add(c.part.BackOff.Retry.Duration), reason, message)
	c.phase = phaseExited
}

// wait shows why the container does not run, until the next attempt.
func (c *container) wait(until time.Time, reason, message string) {
	c.phase, c.next = phaseWaiting, until
	c.waiting = v1.ContainerStateWaiting{Reason: reason, Message: message}
}

func (c *container) recordKill(probe script.Probe) {
	name := strings.ToUpper(string(probe[:1])) + string(probe[1:])
	c.pod.record(v1.EventTypeWarning, eventUnhealthyProbe, name+" probe failed: HTTP probe failed with statuscode: 500", c.spec.Name)
	c.pod.record(v1.EventTypeNormal, "Killing",
		fmt.Sprintf("Container %s failed %s probe, will be restarted", c.spec.Name, probe), c.spec.Name)
}

// podName is how the kubelet writes a pod in its messages.
func (c *container) podName() string {
	pod := c.pod.pod
	return fmt.Sprintf("%s_%s(%s)", pod.Name, pod.Namespace, pod.UID)
}

// invalidImage is the kubelet's message about a name that is none.
func invalidImage(image string) string {
	if _, err := reference.ParseNormalizedNamed(image); err != nil {
		return fmt.Sprintf("Failed to apply default image tag %q: couldn't parse image name %q: %v", image, image, err)
	}
	return ""
}

// imageWithTag adds the tag that a runtime would pull.
func imageWithTag(image string) string {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil || !reference.IsNameOnly(named) {
		return image
	}
	return image + ":latest"
}
