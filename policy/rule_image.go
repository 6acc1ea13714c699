package policy

import (
	"fmt"
	"strings"
	"time"
)

// imageGrace is how long one pod may wait for an image that the registry says
// is not there. The kubelet's own second try comes after 10 to 25 seconds: its
// back-off is 10 seconds, and it looks every 10 to 15.
const imageGrace = 18 * time.Second

// imageRule convicts a revision whose image cannot be pulled because of the
// revision itself: the name is invalid, or the registry says that the image
// does not exist or may not be had. A registry that is slow, busy or broken
// says nothing about the revision. An image that pods of the same revision run
// already was there; then half of the pods must be without it.
// Reasons: k8s.io/kubernetes/pkg/kubelet/images.
func imageRule(c *Case) Finding {
	var best Finding
	for _, f := range c.Revision.Failures {
		if got := imageFinding(c, f); got.outranks(best) {
			best = got
		}
	}
	return best
}

func imageFinding(c *Case, f Failure) Finding {
	if f.Pods == 0 {
		return Finding{}
	}
	switch f.Reason {
	case "InvalidImageName":
		return Finding{
			Level: Convicting, Reason: "InvalidImageName", Failures: []Failure{f},
			Message: fmt.Sprintf("the image name of container %s is not valid", f.Container),
		}
	case "ErrImageNeverPull":
		return c.twiceOrLong(f, "ImageNotPresent", fmt.Sprintf(
			"the image of container %s is not on the node and its pull policy is Never", f.Container))
	case "SignatureValidationFailed":
		return c.twiceOrLong(f, "ImageNotSigned", fmt.Sprintf("the node does not accept the signature of the image of container %s", f.Container))
	case "RegistryUnavailable", "ImageInspectError":
		return registryTrouble(f)
	case "ErrImagePull":
	default:
		return Finding{}
	}
	switch {
	case containsAny(f.Message, imageTrouble):
		return registryTrouble(f)
	case missingImage(f):
		got := twice(f, "ImageNotFound", fmt.Sprintf("the image of container %s does not exist or may not be pulled", f.Container))
		if r := c.Revision; r.Started > 0 && 2*f.Pods < r.Pods {
			got.Level = Suspicious
			got.Message += fmt.Sprintf("; %s of the revision had it, so that more than half must be without", count(r.Started, "pod"))
			return got
		}
		return c.after(got, f.First, imageGrace)
	}
	return Finding{
		Level: Suspicious, Reason: "ImagePull", Failures: []Failure{f},
		Message: fmt.Sprintf("the image of container %s could not be pulled", f.Container),
	}
}

// registryTrouble says that a registry, the way to it or the node is to blame.
func registryTrouble(f Failure) Finding {
	return Finding{
		Level: Suspicious, Reason: "RegistryTrouble", Environment: true, Failures: []Failure{f},
		Message: fmt.Sprintf("the image of container %s could not be pulled, by fault of the registry or the way to it", f.Container),
	}
}

// missingImage tells whether the registry says that an image is not there, or
// not for the asker.
func missingImage(f Failure) bool {
	return f.Reason == "ErrImagePull" && !containsAny(f.Message, imageTrouble) && containsAny(f.Message, imageMissing)
}

// imageTrouble marks messages of registries and networks in trouble. It is
// asked first: a message may say both.
var imageTrouble = []string{
	"too many requests", "toomanyrequests", "429", "timeout", "timed out", "deadline exceeded", "no such host",
	"connection refused", "connection reset", "network is unreachable", "no route to host", "server misbehaving",
	"x509", "tls:", "500 internal", "502 bad", "503 service", "504 gateway", "unexpected eof", "no space left",
}

// imageMissing marks messages that say that the image is not there for the asker.
var imageMissing = []string{
	"not found", "manifest unknown", "manifest_unknown", "name unknown", "name_unknown", "does not exist",
	"pull access denied", "unauthorized", "authorization failed", "403 forbidden", "401 unauthorized",
	"no match for platform", "insufficient_scope",
}

// twice convicts what was seen on two pods, or twice on one.
func twice(f Failure, reason, what string) Finding {
	got := Finding{
		Level: Suspicious, Reason: reason, Failures: []Failure{f},
		Message: fmt.Sprintf("%s (%s, %s)", what, count(f.Count, "occurrence"), count(f.Pods, "pod")),
	}
	if f.Pods >= 2 || f.MaxCount >= 2 {
		got.Level = Convicting
	}
	return got
}

// twiceOrLong is twice, and convicts as well what has held up a container for
// startGrace. An exit is over at once, and is counted only.
func (c *Case) twiceOrLong(f Failure, reason, what string) Finding {
	got := twice(f, reason, what)
	if f.Exited {
		return got
	}
	return c.after(got, f.First, startGrace)
}

// after convicts a suspicion that has stood for a grace, and says when it will have.
func (c *Case) after(f Finding, since time.Time, grace time.Duration) Finding {
	switch {
	case f.Level != Suspicious:
	case c.At.Sub(since) >= grace:
		f.Level = Convicting
		f.Message += fmt.Sprintf("; it has been so for %s", round(c.At.Sub(since)))
	default:
		f.WakeAt = since.Add(grace)
	}
	return f
}

// containsAny tells whether a message contains one of the words, in any case.
func containsAny(message string, words []string) bool {
	message = strings.ToLower(message)
	for _, w := range words {
		if strings.Contains(message, w) {
			return true
		}
	}
	return false
}

// count is a number with its noun.
func count(n int32, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// round cuts a duration to what people want to read.
func round(d time.Duration) time.Duration { return d.Round(time.Second) }
