package policy

import (
	"testing"
	"unsafe"
)

// TestSizeOfAWorkload holds what the engine keeps of each workload to a size
// class of Go's allocator.
func TestSizeOfAWorkload(t *testing.T) {
	if size := unsafe.Sizeof(workload{}); size > 512 {
		t.Errorf("a workload takes %d bytes, want at most 512", size)
	}
}
