package policy

import (
	"fmt"
	"strings"
)

// podRule convicts a revision for what becomes of whole pods: they use more
// disk than they may, run out of the time that the template gives them, or are
// refused by their nodes for something that the release changed. Such pods are
// over, and the ReplicaSet makes new ones: at least two must have ended so, and
// as many as half of those that are asked for.
func podRule(c *Case) Finding {
	var best Finding
	for _, f := range c.Revision.Failures {
		if f.Container != "" || f.Pods == 0 {
			continue
		}
		if got := c.podFinding(f); got.Level > best.Level {
			best = got
		}
	}
	return best
}

func (c *Case) podFinding(f Failure) Finding {
	got := Finding{Level: Suspicious, Failures: []Failure{f}}
	switch {
	case ownEviction(f):
		got.Reason = "EphemeralStorageExceeded"
		got.Message = fmt.Sprintf("%s evicted for using more disk than its own limit: %s", count(f.Pods, "pod"), f.Message)
	case f.Reason == "DeadlineExceeded":
		got.Reason = "DeadlineExceeded"
		got.Message = fmt.Sprintf("%s ended after the template's activeDeadlineSeconds", count(f.Pods, "pod"))
	case c.refusedByNode(f):
		got.Reason = "RefusedByNode"
		got.Message = fmt.Sprintf("%s refused by the node (%s), which looks at what the release changed: %s",
			count(f.Pods, "pod"), f.Reason, f.Message)
	default:
		return Finding{}
	}
	if f.Pods >= 2 && 2*f.Pods >= c.desired() {
		got.Level = Convicting
	}
	return got
}

// desired is how many pods the revision is asked for.
func (c *Case) desired() int32 {
	if c.Revision.Desired > 0 {
		return c.Revision.Desired
	}
	return c.Revision.Pods
}

// ownEviction tells whether a pod was evicted for its own limit and not for
// its node's sake. Messages: pkg/kubelet/eviction/helpers.go in k8s.io/kubernetes.
func ownEviction(f Failure) bool {
	return f.Reason == "Evicted" && containsAny(f.Message, []string{
		"exceeded its local ephemeral storage limit", "exceeds the total limit of containers", "exceeds the limit",
	})
}

// refusedByNode tells whether a node refused the pod for a field that the
// release changed, or for a resource that it asks more of.
func (c *Case) refusedByNode(f Failure) bool {
	if resource, ok := strings.CutPrefix(f.Reason, "OutOf"); ok {
		return c.raised(resource)
	}
	fields, known := podFields[f.Reason]
	return known && c.touched(fields...)
}

// podFields are the fields that a node looks at before it refuses a pod for a
// reason (pkg/kubelet/lifecycle and pkg/kubelet/sysctl in k8s.io/kubernetes).
var podFields = map[string][]string{
	"NodeAffinity":                         {"spec.nodeSelector", "spec.affinity", "spec.nodeName"},
	"PodOSSelectorNodeLabelDoesNotMatch":   {"spec.os", "spec.nodeSelector"},
	"PodOSNotSupported":                    {"spec.os", "spec.nodeSelector"},
	"InitContainerRestartPolicyForbidden":  {"spec.containers.restartPolicy", "spec.containers[]"},
	"SupplementalGroupsPolicyNotSupported": {"spec.securityContext"},
	"AppArmor":                             {"spec.securityContext", "spec.containers.securityContext", "metadata.annotations"},
	"SysctlForbidden":                      {"spec.securityContext"},
	"PodFeatureUnsupported":                {"spec"},
	"PodLevelResourcesNotSupported":        {"spec.resources"},
}
