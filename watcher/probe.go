package watcher

import (
	"math"

	corev1 "k8s.io/api/core/v1"
)

// probeBudget is how long a template's own probes allow its slowest container
// to take until it is ready: the start-up probe until it gives up, then the
// readiness probe from its initial delay until its thresholds can be met. 0
// means that no container is probed.
//
// It is in seconds, of which the API allows more than 32 bits hold.
func probeBudget(t *corev1.PodTemplateSpec) int32 {
	var budget int64
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
	return int32(min(budget, math.MaxInt32)) //nolint:gosec // bounded
}

// allowance is the initial delay and as many periods as the probe may need
// for either of its thresholds, in seconds. Absent values have the API's defaults.
func allowance(p *corev1.Probe) int64 {
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
	return min(int64(p.InitialDelaySeconds)+period*tries, math.MaxInt32)
}
