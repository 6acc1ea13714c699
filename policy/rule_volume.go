package policy

import (
	"fmt"
	"strings"
)

// volumeRule convicts a revision whose pods cannot mount a ConfigMap or Secret
// that is not there, or a key that is not in one. It is known from Events only.
// Disks that cannot be attached, sandboxes and networks that cannot be made are
// the cluster's: environmentRule tells of them.
// Messages: k8s.io/kubernetes/pkg/volume/{configmap,secret,projected}.
func volumeRule(c *Case) Finding {
	for _, f := range c.Revision.Failures {
		if f.Reason != "FailedMount" || f.Pods == 0 || !missingConfig(f) {
			continue
		}
		got := Finding{
			Level: Suspicious, Reason: "MissingConfig", Failures: []Failure{f},
			Message: fmt.Sprintf("%s cannot mount a volume: %s", count(f.Pods, "pod"), strings.TrimSpace(f.Message)),
		}
		return c.after(got, f.First, configGrace)
	}
	return Finding{}
}
