package watcher

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// probeBudget is how long a template's own probes allow its slowest container
// to take until it is ready: the start-up probe until it gives up, then the
// readiness probe from its initial delay until its thresholds can be met. 0
// means that no container is probed.
func probeBudget(t *corev1.PodTemplateSpec) time.Duration {
	var budget time.Duration
	for i := range t.Spec.InitContainers {
		c := &t.Spec.InitContainers[i]
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			budget = max(budget, allowance(c.StartupProbe)+allowance(c.ReadinessProbe))
		}
	}
	for i := range t.Spec.Containers {
		c := &t.Spec.Containers[i]
		budget = max(budget, allowance(c.StartupProbe)+allowance(c.ReadinessProbe))
	}
	return budget
}

// allowance is the initial delay and as many periods as the probe may need
// for either of its thresholds. Absent values have the API's defaults.
func allowance(p *corev1.Probe) time.Duration {
	if p == nil {
		return 0
	}
	period, tries := int64(p.PeriodSeconds), int64(max(p.FailureThreshold, p.SuccessThreshold))
	if period <= 0 {
		period = 10
	}
	if p.FailureThreshold <= 0 {
		tries = max(tries, 3)
	}
	return time.Duration(int64(p.InitialDelaySeconds)+period*tries) * time.Second
}
