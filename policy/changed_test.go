package policy

import "testing"

func TestQuantity(t *testing.T) {
	for s, want := range map[string]float64{
		"2": 2, "500m": 0.5, "1.5": 1.5, "1e3": 1000, "100k": 1e5, "1Gi": 1 << 30, "128Mi": 128 << 20, "1E": 1e18, "12E": 12e18,
	} {
		if got, ok := quantity(s); !ok || got != want {
			t.Errorf("quantity(%q) = %v, %v, want %v", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "Gi", "x", "1x", "1Gii"} {
		if got, ok := quantity(s); ok {
			t.Errorf("quantity(%q) = %v, want none", s, got)
		}
	}
}

func TestTouched(t *testing.T) {
	c := &Case{workload: &workload{rollout: rollout{changes: []Change{
		{Path: "spec.initContainers[migrate].resources.requests[cpu]", From: "100m", To: "1"},
		{Path: "spec.containers[proxy]", To: "proxy:2"},
		{Path: "spec.nodeSelector[disk]", To: "ssd"},
	}}}}
	for _, field := range []string{
		"spec.containers.resources", "spec.containers.resources.requests[cpu]", "spec.containers[]", "spec.nodeSelector", "spec",
	} {
		if !c.touched(field) {
			t.Errorf("%s does not count as touched", field)
		}
	}
	for _, field := range []string{"spec.node", "spec.containers.image", "spec.affinity", "spec.containers.resources.limits"} {
		if c.touched(field) {
			t.Errorf("%s counts as touched", field)
		}
	}
	if !c.raised("cpu") || c.raised("memory") {
		t.Errorf("raised: cpu %v, memory %v, want only cpu", c.raised("cpu"), c.raised("memory"))
	}
}

// TestSchedulerMessages reads messages as several releases of the scheduler
// write them.
func TestSchedulerMessages(t *testing.T) {
	selector := []Change{{Path: "spec.nodeSelector[disk]", To: "ssd"}}
	ports := []Change{{Path: "spec.containers[app].ports[80/TCP].hostPort", To: "80"}}
	for _, x := range []struct {
		says    string
		message string
		changes []Change
		own     bool
	}{
		{"a selector", "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.", selector, true},
		{"not this one", "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.", ports, false},
		{"nothing known", "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.", nil, false},
		{"taints of old schedulers", "0/3 nodes are available: 1 node(s) had taint {a: b}, that the pod didn't tolerate, 2 node(s) didn't match Pod's node affinity/selector.", selector, false},
		{"a pool with a taint", "0/3 nodes are available: 1 node(s) had untolerated taint {pool: db}, 2 node(s) didn't match Pod's node affinity/selector. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.", selector, true},
		{"a full pool", "0/3 nodes are available: 1 Insufficient memory, 2 node(s) didn't match Pod's node affinity/selector.", selector, false},
		{"a cordoned node", "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector.", selector, false},
		{"ports", "0/3 nodes are available: 3 node(s) didn't have free ports for the requested pod ports. no new claims to deallocate, preemption: not eligible.", ports, true},
		{"no nodes", "no nodes available to schedule pods", selector, false},
		{"none at all", "", selector, false},
		{"a claim being bound", "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.", []Change{{Path: "spec.volumes[data]"}}, false},
	} {
		c := &Case{workload: &workload{rollout: rollout{changes: x.changes}}}
		if got := c.unschedulable(Failure{Reason: "Unschedulable", Message: x.message}); got.own != x.own {
			t.Errorf("%s: the release's own fault: %v, want %v", x.says, got.own, x.own)
		}
	}
}
