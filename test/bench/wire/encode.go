package wire

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Object is one that can be encoded in protobuf.
type Object interface {
	metav1.Object
	runtime.Object
	Marshal() ([]byte, error)
	Unmarshal(data []byte) error
}

// magic is what an object in protobuf begins with.
const magic = "k8s\x00"

// encode makes of an object what the API server sends.
func encode(kind metav1.TypeMeta, o Object) ([]byte, error) {
	raw, err := o.Marshal()
	if err != nil {
		return nil, fmt.Errorf("encode %s %s/%s: %w", kind.Kind, o.GetNamespace(), o.GetName(), err)
	}
	u := runtime.Unknown{TypeMeta: runtime.TypeMeta{APIVersion: kind.APIVersion, Kind: kind.Kind}, Raw: raw}
	out := make([]byte, len(magic)+u.Size())
	copy(out, magic)
	if _, err := u.MarshalTo(out[len(magic):]); err != nil {
		return nil, fmt.Errorf("encode %s %s/%s: %w", kind.Kind, o.GetNamespace(), o.GetName(), err)
	}
	return out, nil
}

// decode is the reverse.
func decode(data []byte, into Object) error {
	var u runtime.Unknown
	if len(data) < len(magic) || string(data[:len(magic)]) != magic {
		return fmt.Errorf("decode a %T: it does not begin as protobuf does", into)
	}
	if err := u.Unmarshal(data[len(magic):]); err != nil {
		return fmt.Errorf("decode a %T: %w", into, err)
	}
	if err := into.Unmarshal(u.Raw); err != nil {
		return fmt.Errorf("decode a %T: %w", into, err)
	}
	return nil
}

// asJSON is the object as JSON, with its kind.
func asJSON(kind metav1.TypeMeta, o any) ([]byte, error) {
	raw, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encode a %s: %w", kind.Kind, err)
	}
	var tree map[string]json.RawMessage
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, fmt.Errorf("encode a %s: %w", kind.Kind, err)
	}
	for name, value := range map[string]string{"kind": kind.Kind, "apiVersion": kind.APIVersion} {
		if tree[name], err = json.Marshal(value); err != nil {
			return nil, fmt.Errorf("encode a %s: %w", kind.Kind, err)
		}
	}
	return json.Marshal(tree)
}

// appendFrame appends a frame of a watch: its length, and a WatchEvent with an
// encoded object. It is written by hand so that the object is copied only once.
func appendFrame(b []byte, event string, object []byte) []byte {
	inner := 1 + varint(len(object)) + len(object)
	size := 1 + varint(len(event)) + len(event) + 1 + varint(inner) + inner
	b = binary.BigEndian.AppendUint32(b, uint32(size)) //nolint:gosec // objects are small
	b = append(b, 0x0a)
	b = binary.AppendUvarint(b, uint64(len(event)))
	b = append(b, event...)
	b = append(b, 0x12)
	b = binary.AppendUvarint(b, uint64(inner)) //nolint:gosec // never below zero
	b = append(b, 0x0a)
	b = binary.AppendUvarint(b, uint64(len(object)))
	return append(b, object...)
}

// varint is how many bytes a length takes.
func varint(n int) int {
	size := 1
	for ; n >= 0x80; n >>= 7 {
		size++
	}
	return size
}
