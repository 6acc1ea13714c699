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

// TestRoomGoesWithTheLastPod has a revision scaled up and down to nothing.
func TestRoomGoesWithTheLastPod(t *testing.T) {
	s := NewState(Options{})
	s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
	for i := range 100 {
		p := with(podOf("rs-web", fmt.Sprint("p", i)), running(second(1)), ready(false, second(1)))
		s.ApplyPod(second(2), p)
		s.ApplyPod(second(3), with(p, exited(second(3), 1)))
	}
	for i := range 100 {
		s.DeletePod(second(4), "shop", fmt.Sprint("p", i), "")
	}
	c := revisionOf(s, replicaSet("web", "rs-web", 1)).crew
	if room := cap(c.pods) + cap(c.unready) + cap(c.initializing) + cap(c.images); room != 0 || c.nodes != nil || c.groups != nil {
		t.Errorf("room for %d is kept of pods that are gone", room)
	}
	if len(c.incidents) == 0 {
		t.Error("their incidents are gone as well")
	}
}
