package canon

import (
	"bytes"
	"sync"

	"k8s.io/apimachinery/pkg/api/resource"
)

// canonicals are encoded quantities that are encoded the same once they were decoded.
// A cluster has few different ones, and to decode one takes longer than to hash a
// container.
var canonicals = struct {
	sync.RWMutex
	known map[string]struct{}
}{known: map[string]struct{}{}}

// maxCanonicals is how many are remembered; the others are decoded each time.
const maxCanonicals = 1024

// isCanonical tells whether the types write a quantity the way it is written.
func isCanonical(encoded []byte) bool {
	canonicals.RLock()
	_, ok := canonicals.known[string(encoded)]
	canonicals.RUnlock()
	if ok {
		return true
	}
	var q resource.Quantity
	if err := q.Unmarshal(encoded); err != nil {
		return false
	}
	again, err := q.Marshal()
	if err != nil || !bytes.Equal(again, encoded) {
		return false
	}
	canonicals.Lock()
	defer canonicals.Unlock()
	if len(canonicals.known) < maxCanonicals {
		canonicals.known[string(encoded)] = struct{}{}
	}
	return true
}
