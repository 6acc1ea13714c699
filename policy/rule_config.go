package policy

import (
	"fmt"
	"time"
)

// configGrace is how long a ConfigMap or Secret may be missing: it is often
// created a moment after the workload that names it, and the kubelet looks
// again every 10 to 15 seconds (backOffPeriod with jitter, in
// k8s.io/kubernetes/pkg/kubelet/kubelet.go).
const configGrace = 40 * time.Second

// configRule convicts a revision whose containers cannot be created because
// what they name is missing or cannot be: a ConfigMap, a Secret, a key in one,
// a user that is not root. Volumes of ConfigMaps and Secrets are volumeRule's.
func configRule(c *Case) Finding {
	var best Finding
	for _, f := range c.Revision.Failures {
		if f.Pods == 0 || f.Reason != "CreateContainerConfigError" || !missingConfig(f) {
			continue
		}
		got := Finding{
			Level: Suspicious, Reason: "MissingConfig", Failures: []Failure{f},
			Message: fmt.Sprintf("container %s cannot be created in %s: %s", f.Container, count(f.Pods, "pod"), f.Message),
		}
		if containsAny(f.Message, runsAsRoot) {
			got.Reason = "RunsAsRoot"
		}
		if got = c.after(got, f.First, configGrace); got.outranks(best) {
			best = got
		}
	}
	return best
}

// runsAsRoot marks messages of images whose user runAsNonRoot forbids
// (pkg/kubelet/kuberuntime/security_context_others.go in k8s.io/kubernetes).
var runsAsRoot = []string{"runasnonroot", "non-root policy"}

// missingConfig tells whether what a container or a volume names is not there,
// as opposed to not having reached the node yet.
func missingConfig(f Failure) bool {
	if containsAny(f.Message, configTrouble) {
		return false
	}
	switch f.Reason {
	case "CreateContainerConfigError":
		return true
	case "FailedMount":
		return containsAny(f.Message, []string{"configmap", "secret"}) && containsAny(f.Message, []string{"not found", "non-existent"})
	}
	return false
}

// configTrouble marks messages of kubelets that could not ask, or have not yet.
var configTrouble = []string{"failed to sync", "timed out", "timeout", "not registered", "connection refused", "deadline exceeded", "yet been read"}
