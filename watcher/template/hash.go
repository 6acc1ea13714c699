package template

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// hashBytes is how much of the SHA-256 is kept: 80 bits are more than one
// cluster's revisions can exhaust, and short enough to keep for each of them.
const hashBytes = 10

// buffers are what templates are encoded into; a large cluster has hundreds of
// thousands.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// Sum is a hash of a template.
type Sum [hashBytes]byte

// String is the Sum in hexadecimal digits, "" for the zero Sum.
func (s Sum) String() string {
	if s == (Sum{}) {
		return ""
	}
	return hex.EncodeToString(s[:])
}

// Hash is the text of SumOf.
func Hash(t *corev1.PodTemplateSpec) string { return SumOf(t).String() }

// SumOf is a hash of the template without its pod-template-hash label, so that
// a Deployment's template and its ReplicaSet's have the same hash. It is of what
// the types that undog is built with know of it, whatever it was decoded from: in
// protobuf, which has one encoding for what is empty and what is absent, and maps
// in the order of their keys. It is zero for nil, and does not change the template.
func SumOf(t *corev1.PodTemplateSpec) Sum {
	if t == nil {
		return Sum{}
	}
	buf, _ := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	metadata := unlabelled(t.ObjectMeta)
	size := metadata.Size()
	all := binary.BigEndian.AppendUint64((*buf)[:0], uint64(size)) //nolint:gosec // never negative
	all = encode(all, &metadata, size)
	all = encode(all, &t.Spec, t.Spec.Size())
	*buf = all
	sum := sha256.Sum256(all)
	return Sum(sum[:hashBytes])
}

// encode appends a message of a size.
func encode(to []byte, m interface{ MarshalToSizedBuffer([]byte) (int, error) }, size int) []byte {
	to = slices.Grow(to, size)
	if _, err := m.MarshalToSizedBuffer(to[len(to) : len(to)+size]); err != nil {
		// The type has no field that protobuf cannot hold.
		panic(fmt.Sprintf("encode pod template: %v", err))
	}
	return to[:len(to)+size]
}

// unlabelled is the metadata without the label that the Deployment controller
// adds. The result shares everything else with m.
func unlabelled(m metav1.ObjectMeta) metav1.ObjectMeta {
	if _, ok := m.Labels[appsv1.DefaultDeploymentUniqueLabelKey]; ok {
		m.Labels = maps.Clone(m.Labels)
		delete(m.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	}
	return m
}
