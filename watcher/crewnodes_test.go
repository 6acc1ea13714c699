package watcher

import (
	"fmt"
	"testing"
)

// TestNodesOfFewAndOfMany checks that the nodes of a revision's pods are counted
// alike while these are few, when they become many, and when they go.
func TestNodesOfFewAndOfMany(t *testing.T) {
	s := oneRevision()
	on := map[string]int{}
	name := func(i int) string { return fmt.Sprintf("p%d", i) }
	node := func(i int) string { return fmt.Sprintf("node-%d", i*i%7) }
	check := func(i int) {
		t.Helper()
		if r := revisionAt(t, s, second(i)); int(r.Nodes) != len(on) {
			t.Errorf("%d nodes of %d pods, want %d", r.Nodes, r.Pods, len(on))
		}
	}
	for i := range 3 * fewPods {
		p := with(podOf("rs-web", name(i)), running(second(1)))
		p.Spec.NodeName = node(i)
		on[node(i)]++
		if i%5 == 0 {
			// It has no node yet, and gets one.
			waits := with(p)
			waits.Spec.NodeName, waits.ResourceVersion = "", "1"
			s.ApplyPod(second(i), waits)
			p.ResourceVersion = "2"
		}
		s.ApplyPod(second(i), p)
		check(i)
	}
	for i := range 3 * fewPods {
		s.DeletePod(second(100), "shop", name(i), "")
		if on[node(i)]--; on[node(i)] == 0 {
			delete(on, node(i))
		}
		check(100)
	}
}
