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
// what they name is missing: a ConfigMap, a Secret, or a key in one.
func configRule(c *Case) Finding {
	for _, f := range c.Revision.Failures {
		if f.Reason != "CreateContainerConfigError" || f.Pods == 0 {
			continue
		}
		if containsAny(f.Message, []string{"failed to sync", "timed out"}) {
			continue
		}
		got := Finding{
			Level: Suspicious, Reason: "MissingConfig", Failures: []Failure{f},
			Message: fmt.Sprintf("container %s cannot be created in %s: %s", f.Container, count(f.Pods, "pod"), f.Message),
		}
		return c.after(got, f.First, configGrace)
	}
	return Finding{}
}
