package wire

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	serializer "k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
)

// Frames are what the API machinery itself would write, short ones and long ones.
func TestFrame(t *testing.T) {
	for _, size := range []int{0, 10, 100, 127, 128, 16_383, 16_384, 100_000} {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "a", Annotations: map[string]string{"x": strings.Repeat("y", size)}}}
		raw, err := encode(metav1.TypeMeta{Kind: "Pod", APIVersion: "v1"}, pod)
		if err != nil {
			t.Fatal(err)
		}
		want, err := (&metav1.WatchEvent{Type: "ADDED", Object: runtime.RawExtension{Raw: raw}}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		frame := appendFrame(nil, "ADDED", raw)
		if n := binary.BigEndian.Uint32(frame); int(n) != len(want) || !bytes.Equal(frame[4:], want) {
			t.Errorf("with %d bytes: a frame of %d bytes, want %d", size, n, len(want))
		}
	}
}

// Objects are what the API machinery itself would write, and are read again.
func TestEncode(t *testing.T) {
	pod := &corev1.Pod{TypeMeta: metav1.TypeMeta{Kind: "Pod", APIVersion: "v1"}, ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "a"}}
	raw, err := encode(pod.TypeMeta, pod)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := serializer.NewSerializer(scheme.Scheme, scheme.Scheme).Encode(pod, &want); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(raw, want.Bytes()) {
		t.Errorf("%q, want %q", raw, want.Bytes())
	}
	var back corev1.Pod
	if err := decode(raw, &back); err != nil || back.Name != "a" {
		t.Errorf("read %q again: %v", back.Name, err)
	}
	if err := decode([]byte("{}"), &back); err == nil {
		t.Error("what is no protobuf is read")
	}
}
