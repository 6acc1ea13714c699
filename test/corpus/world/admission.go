package world

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// admission is what stands between a controller and a pod.
type admission struct {
	// quota is how many pods the namespace may have; nil means any number.
	quota *int
	// webhook is down, deny, or up.
	webhook string
	// level is the Pod Security Standard that the namespace enforces.
	level string
	// waits holds how long the ReplicaSet controller waits now, by UID.
	waits map[types.UID]time.Duration
}

// quotaName is the name of the ResourceQuota.
const quotaName = "team"

// refuse is the API server's message when a pod is not admitted, else "".
func (a *admission) refuse(w *World, p *corev1.Pod) string {
	if a.waits == nil {
		a.waits = map[types.UID]time.Duration{}
	}
	if account := p.Spec.ServiceAccountName; account != "" && account != "default" {
		if w.Get(ServiceAccounts, account) == nil {
			return fmt.Sprintf("pods %q is forbidden: error looking up service account %s/%s: serviceaccount %q not found",
				p.Name, Namespace, account, account)
		}
	}
	switch a.webhook {
	case "down":
		return `Internal error occurred: failed calling webhook "pods.policy.example.com": failed to call webhook: ` +
			`Post "https://policy.policy.svc:443/validate?timeout=10s": dial tcp 10.96.120.7:443: connect: connection refused`
	case "deny":
		return `admission webhook "pods.policy.example.com" denied the request: container app must set resources.limits.memory`
	}
	if found := violations(&p.Spec, a.level); len(found) > 0 {
		return fmt.Sprintf(`pods %q is forbidden: violates PodSecurity "%s:latest": %s`, p.Name, a.level, strings.Join(found, ", "))
	}
	if a.quota == nil {
		return ""
	}
	used := 0
	for _, other := range all[*corev1.Pod](w, Pods) {
		if !finished(other) {
			used++
		}
	}
	if used >= *a.quota {
		return fmt.Sprintf("pods %q is forbidden: exceeded quota: %s, requested: pods=1, used: pods=%d, limited: pods=%d",
			p.Name, quotaName, used, *a.quota)
	}
	return ""
}

// violations are what a Pod Security Standard has against a pod, of the checks
// that scenarios need.
func violations(s *corev1.PodSpec, level string) []string {
	if level == "" || level == "privileged" {
		return nil
	}
	var out []string
	if s.HostNetwork {
		out = append(out, "host namespaces (hostNetwork=true)")
	}
	containers := slices.Concat(s.InitContainers, s.Containers)
	for _, c := range containers {
		if sc := c.SecurityContext; sc != nil && sc.Privileged != nil && *sc.Privileged {
			out = append(out, fmt.Sprintf(`privileged (container %q must not set securityContext.privileged=true)`, c.Name))
		}
	}
	if level != "restricted" {
		return out
	}
	for _, c := range containers {
		if sc := c.SecurityContext; sc == nil || sc.AllowPrivilegeEscalation == nil || *sc.AllowPrivilegeEscalation {
			out = append(out, fmt.Sprintf("allowPrivilegeEscalation != false (container %q must set securityContext.allowPrivilegeEscalation=false)", c.Name))
		}
	}
	return out
}
