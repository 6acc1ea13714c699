package fleet

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// letters are those of which Kubernetes makes the ends of names.
const letters = "bcdfghjklmnpqrstvwxz2456789"

// mix spreads numbers over all bits.
func mix(parts ...uint64) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		var b [8]byte
		for i := range b {
			b[i] = byte(p >> (8 * i))
		}
		_, _ = h.Write(b[:])
	}
	x := h.Sum64()
	x ^= x >> 31
	x *= 0x9e3779b97f4a7c15
	return x ^ x>>29
}

// suffix is an end of a name, as long as asked for.
func suffix(n int, x uint64) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[x%uint64(len(letters))]
		x /= uint64(len(letters))
	}
	return string(b)
}

// The kinds of objects that have UIDs.
const (
	kindDeployment = iota + 1
	kindReplicaSet
	kindPod
	kindNode
	kindConfigMap
	kindContainer
	kindImage
)

// uid is one that looks like those of a cluster.
func uid(parts ...uint64) types.UID {
	a, b := mix(parts...), mix(append([]uint64{7}, parts...)...)
	return types.UID(fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", uint32(a>>32), uint16(a>>16), uint16(a)&0xfff, uint16(b>>48)&0xfff, b&0xffffffffffff)) //nolint:gosec // cut on purpose
}

// digest is one of an image or a container.
func digest(parts ...uint64) string {
	var out strings.Builder
	for i := range uint64(4) {
		fmt.Fprintf(&out, "%016x", mix(append([]uint64{i}, parts...)...))
	}
	return out.String()
}

func at(unix int64) metav1.Time { return metav1.NewTime(time.Unix(unix, 0)) }
