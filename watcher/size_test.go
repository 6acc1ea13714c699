package watcher

import (
	"testing"
	"unsafe"
)

// TestSizes holds what a large cluster has very many of to what it may take: a
// size class of Go's allocator each.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		name      string
		size, max uintptr
	}{
		{"a pod", unsafe.Sizeof(podState{}), 144},
		{"a ReplicaSet", unsafe.Sizeof(revision{}), 112},
		{"a Deployment", unsafe.Sizeof(deploymentRecord{}), 256},
		{"a Deployment's place", unsafe.Sizeof(workload{}), 224},
		{"the pods of a revision", unsafe.Sizeof(crew{}), 224},
	} {
		if c.size > c.max {
			t.Errorf("%s takes %d bytes, want at most %d", c.name, c.size, c.max)
		}
	}
}
