package slim

import (
	"sync/atomic"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Known tells whether somebody knows the spec that the object with this UID, in this
// namespace, has at this generation. It is asked from several goroutines.
type Known func(kind, namespace, uid string, generation int64) bool

// Specs are those that need not be read again. Most changes of a ReplicaSet or
// Deployment are of its status: its spec, of which the pod template is most, is as it
// was as long as the generation is. The zero value knows none.
type Specs struct{ known atomic.Pointer[Known] }

// Ask has known asked from now on. A spec that it knows is left out of the object:
// it comes without containers, which no spec of these kinds can do without.
func (s *Specs) Ask(known Known) { s.known.Store(&known) }

// settled is what is kept of objects whose spec is known.
var settled = map[schema.GroupVersionKind]*fields{}

func init() { //nolint:gochecknoinits // from another table
	for _, kind := range []schema.GroupVersionKind{
		appsv1.SchemeGroupVersion.WithKind("ReplicaSet"),
		appsv1.SchemeGroupVersion.WithKind("Deployment"),
	} {
		without := &fields{kept: append([]*fields(nil), kinds[kind].kept...)}
		without.kept[fieldSpec] = nil
		settled[kind] = without
	}
}

// The numbers of fields in these kinds, and in the metadata of all.
const (
	fieldMetadata, fieldSpec                  = 1, 2
	fieldNamespace, fieldUID, fieldGeneration = 3, 5, 7
)

// of is what is to be kept of an object.
func (s *Specs) of(kind schema.GroupVersionKind, raw []byte, otherwise *fields) *fields {
	less := settled[kind]
	if s == nil || less == nil {
		return otherwise
	}
	known := s.known.Load()
	if known == nil {
		return otherwise
	}
	if namespace, uid, generation := whichSpec(raw); uid != "" && generation > 0 && (*known)(kind.Kind, namespace, uid, generation) {
		return less
	}
	return otherwise
}

// whichSpec reads which object it is and which spec it has.
func whichSpec(object []byte) (namespace, uid string, generation int64) {
	_ = each(object, func(number uint64, metadata []byte) {
		if number != fieldMetadata {
			return
		}
		for rest := metadata; len(rest) > 0; {
			tag, header, value, err := next(rest)
			if err != nil {
				return
			}
			switch tag {
			case fieldNamespace<<3 | bytes:
				namespace = string(value)
			case fieldUID<<3 | bytes:
				uid = string(value)
			case fieldGeneration<<3 | varint:
				generation = int64(uvarint(value)) //nolint:gosec // as protobuf has it
			}
			rest = rest[header+len(value):]
		}
	})
	return namespace, uid, generation
}
