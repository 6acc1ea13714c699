package fleet_test

import (
	"testing"

	"github.com/undog-dev/undog/test/bench/fleet"
)

func TestShape(t *testing.T) {
	s := fleet.Shape{Pods: 150_000, OldReplicaSets: 10}
	pods, sizes := 0, map[int32]int{}
	for i, d := range s.Deployments() {
		if d.Index != i {
			t.Fatalf("deployment %d has index %d", i, d.Index)
		}
		pods += int(d.Replicas)
		sizes[d.Replicas]++
	}
	if pods != 150_000 || sizes[250] != 150 || sizes[30] != 1250 || sizes[5] != 15_000 {
		t.Errorf("%d pods in Deployments of %v", pods, sizes)
	}
	if s.Nodes() != 5000 {
		t.Errorf("%d nodes", s.Nodes())
	}
}

// A large Deployment is among as many pods as there would be without it.
func TestShapeWithALargeOne(t *testing.T) {
	pods, large := 0, 0
	for _, d := range (fleet.Shape{Pods: 50_000, Largest: 5_000}).Deployments() {
		pods += int(d.Replicas)
		if d.Replicas == 5_000 {
			large++
		}
	}
	if pods != 50_000 || large != 1 {
		t.Errorf("%d pods, and %d large Deployments", pods, large)
	}
}

// The objects are as long as those of real clusters.
func TestSizes(t *testing.T) {
	d := fleet.Shape{Pods: 3000, OldReplicaSets: 10}.Deployments()[3]
	rs := d.ReplicaSet(d.Revision(), d.Replicas, 1000)
	set := fleet.NewSet(rs)
	for _, c := range []struct {
		what         string
		size         int
		least, below int
	}{
		{"pod", set.Object(&fleet.Pod{Stage: fleet.Ready, Number: 7}).Size(), 4 << 10, 8 << 10},
		{"replica set", rs.Size(), 3 << 10, 8 << 10},
		{"deployment", d.Object(1000).Size(), 3 << 10, 10 << 10},
		{"config map", d.ConfigMap(1000).Size(), 300, 2 << 10},
		{"node", fleet.Node(3, 1000).Size(), 4 << 10, 20 << 10},
	} {
		t.Logf("a %s has %d bytes", c.what, c.size)
		if c.size < c.least || c.size >= c.below {
			t.Errorf("a %s has %d bytes, want %d to %d", c.what, c.size, c.least, c.below)
		}
	}
}

func TestPodsDiffer(t *testing.T) {
	d := fleet.Shape{Pods: 3000}.Deployments()[0]
	set := fleet.NewSet(d.ReplicaSet(1, d.Replicas, 1000))
	seen := map[string]bool{}
	for i := range uint64(5000) {
		p := &fleet.Pod{Number: i}
		if seen[set.Name(p)] || seen[string(p.UID())] {
			t.Fatalf("pod %d has the name or the UID of another one", i)
		}
		seen[set.Name(p)], seen[string(p.UID())] = true, true
	}
}
