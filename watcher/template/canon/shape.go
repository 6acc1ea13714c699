package canon

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// kind is what a field holds.
type kind uint8

const (
	// number32, number64 and truth are varints.
	number32 kind = iota + 1
	number64
	truth
	// text is a string or bytes.
	text
	// message is another one with a shape.
	message
	// entry is an entry of a map, a message of a key and a value.
	entry
	// quantity is a resource.Quantity.
	quantity
	// opaque is a message with a decoder of its own.
	opaque
)

// wire is how protobuf writes the kind.
func (k kind) wire() protowire.Type {
	if k <= truth {
		return protowire.VarintType
	}
	return protowire.BytesType
}

// field is one of a message.
type field struct {
	kind kind
	// of is the shape of a message or entry.
	of *shape
	// present says that what is zero or empty is something else than what is absent, as
	// with pointers and the elements of lists.
	present bool
	// repeated says that there may be several.
	repeated bool
	// without, of a map's entries, is the key of one that does not count.
	without string
}

// shape is the fields of a message that the Kubernetes types know, by their numbers.
type shape struct{ fields []*field }

// field is nil for one that the types do not know.
func (s *shape) field(number protowire.Number) *field {
	if int(number) < len(s.fields) {
		return s.fields[number]
	}
	return nil
}

func (s *shape) set(number int, f *field) {
	for len(s.fields) <= number {
		s.fields = append(s.fields, nil)
	}
	s.fields[number] = f
}

// templateShape is that of a pod template, without the label that the Deployment
// controller adds to a ReplicaSet's.
var templateShape = func() *shape {
	all := shapes{}
	root := all.of(reflect.TypeFor[corev1.PodTemplateSpec]())
	metadata := reflect.TypeFor[corev1.PodTemplateSpec]().Field(0)
	number, labels := protobufNumber(metadata), 0
	for f := range metadata.Type.Fields() {
		if f.Name == "Labels" {
			labels = protobufNumber(f)
		}
	}
	// Other metadata, as that of volume claims, has the labels that it has.
	own := &shape{fields: append([]*field(nil), root.fields[number].of.fields...)}
	own.set(labels, &field{
		kind: entry, of: own.fields[labels].of, present: true, repeated: true, without: appsv1.DefaultDeploymentUniqueLabelKey,
	})
	of := &shape{fields: append([]*field(nil), root.fields...)}
	of.set(number, &field{kind: message, of: own})
	return of
}()

// shapes are those of Go types that were read so far.
type shapes map[reflect.Type]*shape

// of reads a shape off the tags that Kubernetes' generated code is made of, too.
func (all shapes) of(t reflect.Type) *shape {
	if s := all[t]; s != nil {
		return s
	}
	s := &shape{}
	all[t] = s
	for f := range t.Fields() {
		if number := protobufNumber(f); number > 0 {
			s.set(number, all.fieldOf(f.Type))
		}
	}
	return s
}

// protobufNumber is 0 where a field has none.
func protobufNumber(f reflect.StructField) int {
	parts := strings.Split(f.Tag.Get("protobuf"), ",")
	if len(parts) < 2 {
		return 0
	}
	number, err := strconv.Atoi(parts[1])
	if err != nil {
		panic(fmt.Sprintf("canon: the protobuf tag of %s: %v", f.Name, err))
	}
	return number
}

func (all shapes) fieldOf(t reflect.Type) *field {
	switch t.Kind() {
	case reflect.Pointer:
		f := *all.fieldOf(t.Elem())
		f.present = true
		return &f
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return &field{kind: text}
		}
		f := *all.fieldOf(t.Elem())
		f.present, f.repeated = true, true
		return &f
	case reflect.Map:
		pair := &shape{}
		pair.set(1, all.fieldOf(t.Key()))
		pair.set(2, all.fieldOf(t.Elem()))
		return &field{kind: entry, of: pair, present: true, repeated: true}
	case reflect.String:
		return &field{kind: text}
	case reflect.Int32:
		return &field{kind: number32}
	case reflect.Int64:
		return &field{kind: number64}
	case reflect.Bool:
		return &field{kind: truth}
	case reflect.Struct:
		if t == reflect.TypeFor[resource.Quantity]() {
			return &field{kind: quantity}
		}
		of := all.of(t)
		if len(of.fields) == 0 && t.NumField() > 0 {
			return &field{kind: opaque}
		}
		return &field{kind: message, of: of}
	default:
		panic(fmt.Sprintf("canon: no pod template has had a %s so far", t))
	}
}
