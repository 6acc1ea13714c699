package lifecycle

import (
	"fmt"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
)

const (
	reasonNotInitialized = "ContainersNotInitialized"
	reasonNotReady       = "ContainersNotReady"
	reasonPodFailed      = "PodFailed"
	reasonPodCompleted   = "PodCompleted"
	reasonGatesNotReady  = "ReadinessGatesNotReady"
)

// conditions are the kubelet's own, in its order, and after them those that
// others have set.
func (p *Pod) conditions(now time.Time, status, before v1.PodStatus) []v1.PodCondition {
	ready := p.containersReady(status.Phase)
	gated := p.readinessGates(ready, before)
	own := []v1.PodCondition{
		p.sandboxReady(status.Phase), p.initializedCondition(status.Phase), gated, ready,
		{Type: v1.PodScheduled, Status: v1.ConditionTrue},
	}
	for i := range own {
		own[i].ObservedGeneration = p.pod.Generation
		own[i].LastTransitionTime = stamp(now)
		if old := find(before.Conditions, own[i].Type); old != nil && old.Status == own[i].Status {
			own[i].LastTransitionTime = old.LastTransitionTime
		}
	}
	for _, other := range before.Conditions {
		if find(own, other.Type) == nil {
			own = append(own, other)
		}
	}
	return own
}

func (p *Pod) sandboxReady(phase v1.PodPhase) v1.PodCondition {
	condition := v1.PodCondition{Type: v1.PodReadyToStartContainers, Status: v1.ConditionFalse}
	if p.mounted && !p.ended && phase != v1.PodFailed && phase != v1.PodSucceeded {
		condition.Status = v1.ConditionTrue
	}
	return condition
}

func (p *Pod) initializedCondition(phase v1.PodPhase) v1.PodCondition {
	condition := v1.PodCondition{Type: v1.PodInitialized, Status: v1.ConditionTrue}
	if phase == v1.PodSucceeded {
		condition.Reason = reasonPodCompleted
		return condition
	}
	for _, c := range p.main {
		if c.created > 0 {
			return condition
		}
	}
	var incomplete []string
	for _, c := range p.init {
		if !c.initialized() {
			incomplete = append(incomplete, c.spec.Name)
		}
	}
	if len(incomplete) > 0 {
		condition.Status, condition.Reason = v1.ConditionFalse, reasonNotInitialized
		condition.Message = fmt.Sprintf("containers with incomplete status: %s", incomplete)
	}
	return condition
}

func (p *Pod) containersReady(phase v1.PodPhase) v1.PodCondition {
	condition := v1.PodCondition{Type: v1.ContainersReady, Status: v1.ConditionFalse}
	switch phase {
	case v1.PodSucceeded:
		condition.Reason = reasonPodCompleted
		return condition
	case v1.PodFailed:
		condition.Reason = reasonPodFailed
		return condition
	case v1.PodPending, v1.PodRunning, v1.PodUnknown:
	}
	var unready []string
	for _, c := range p.init {
		if c.sidecar && !c.ready {
			unready = append(unready, c.spec.Name)
		}
	}
	for _, c := range p.main {
		if !c.ready {
			unready = append(unready, c.spec.Name)
		}
	}
	if len(unready) > 0 {
		condition.Reason = reasonNotReady
		condition.Message = fmt.Sprintf("containers with unready status: %s", unready)
		return condition
	}
	condition.Status = v1.ConditionTrue
	return condition
}

// readinessGates is the condition Ready: the containers' unless a gate is closed.
func (p *Pod) readinessGates(containers v1.PodCondition, before v1.PodStatus) v1.PodCondition {
	condition := containers
	condition.Type = v1.PodReady
	if condition.Status != v1.ConditionTrue {
		return condition
	}
	var closed []string
	for _, gate := range p.pod.Spec.ReadinessGates {
		switch found := find(before.Conditions, gate.ConditionType); {
		case found == nil:
			closed = append(closed, fmt.Sprintf("corresponding condition of pod readiness gate %q does not exist.", string(gate.ConditionType)))
		case found.Status != v1.ConditionTrue:
			closed = append(closed, fmt.Sprintf("the status of pod readiness gate %q is not \"True\", but %v", string(gate.ConditionType), found.Status))
		}
	}
	if len(closed) > 0 {
		condition.Status, condition.Reason = v1.ConditionFalse, reasonGatesNotReady
		condition.Message = strings.Join(closed, ", ")
	}
	return condition
}

func find(conditions []v1.PodCondition, kind v1.PodConditionType) *v1.PodCondition {
	for i := range conditions {
		if conditions[i].Type == kind {
			return &conditions[i]
		}
	}
	return nil
}
