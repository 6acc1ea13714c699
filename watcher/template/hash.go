package template

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/watcher/template/canon"
)

// hashBytes is how much of the SHA-256 is kept: 80 bits are more than one
// cluster's revisions can exhaust, and short enough to keep for each of them.
const hashBytes = 10

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

// buffers are what templates are encoded into; a large cluster has hundreds of
// thousands.
var buffers = sync.Pool{New: func() any { return new(buffer) }}

type buffer struct{ encoded, canonical []byte }

// SumOf is a hash of the template without its pod-template-hash label, so that
// a Deployment's template and its ReplicaSet's have the same hash. It is of what
// the types that undog is built with know of it, whatever it was decoded from, where
// what is empty and what is absent are the same unless Kubernetes tells them apart.
// It is zero for nil, and does not change the template.
func SumOf(t *corev1.PodTemplateSpec) Sum {
	if t == nil {
		return Sum{}
	}
	b, _ := buffers.Get().(*buffer)
	defer buffers.Put(b)
	size := t.Size()
	b.encoded = slices.Grow(b.encoded[:0], size)[:size]
	if _, err := t.MarshalToSizedBuffer(b.encoded); err != nil {
		// The type has no field that protobuf cannot hold.
		panic(fmt.Sprintf("encode pod template: %v", err))
	}
	sum, ok := b.sum(b.encoded, false)
	if !ok {
		// No template is known of which this is so. Its types encode it in one way, too.
		return sumOf(b.encoded)
	}
	return sum
}

// SumOfEncoded is SumOf of a template that somebody else encoded in protobuf, without
// decoding it. It is false if the template has to be decoded, as it is nothing that an
// API server is known to write.
func SumOfEncoded(template []byte) (Sum, bool) {
	b, _ := buffers.Get().(*buffer)
	defer buffers.Put(b)
	return b.sum(template, true)
}

func (b *buffer) sum(template []byte, foreign bool) (Sum, bool) {
	canonical, ok := canon.Template(b.canonical[:0], template, foreign)
	b.canonical = canonical
	if !ok {
		return Sum{}, false
	}
	return sumOf(canonical), true
}

func sumOf(bytes []byte) Sum {
	sum := sha256.Sum256(bytes)
	return Sum(sum[:hashBytes])
}
