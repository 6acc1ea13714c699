package neighbours

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/runtime/serializer/streaming"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"
	restwatch "k8s.io/client-go/rest/watch"
)

// stream is a ListerWatcher of pods that come as the bytes of a watch, and are
// decoded with codecs as a REST client does. It can be watched once.
type stream struct {
	codecs  runtime.NegotiatedSerializer
	initial [][]byte
	changes chan []byte
}

func newStream(codecs runtime.NegotiatedSerializer, initial [][]byte) *stream {
	return &stream{codecs: codecs, initial: initial, changes: make(chan []byte)}
}

// List implements cache.ListerWatcher. The list is streamed.
func (*stream) List(metav1.ListOptions) (runtime.Object, error) {
	return nil, errors.New("list pods: the list is streamed")
}

// Watch implements cache.ListerWatcher.
func (s *stream) Watch(o metav1.ListOptions) (watch.Interface, error) {
	return s.WatchWithContext(context.Background(), o)
}

// ListWithContext implements cache.ListerWatcherWithContext.
func (s *stream) ListWithContext(_ context.Context, o metav1.ListOptions) (runtime.Object, error) {
	return s.List(o)
}

// WatchWithContext implements cache.ListerWatcherWithContext.
func (s *stream) WatchWithContext(_ context.Context, o metav1.ListOptions) (watch.Interface, error) {
	if o.SendInitialEvents == nil || !*o.SendInitialEvents {
		return nil, errors.New("watch pods: want the initial events")
	}
	info, ok := runtime.SerializerInfoForMediaType(s.codecs.SupportedMediaTypes(), runtime.ContentTypeProtobuf)
	if !ok {
		return nil, errors.New("watch pods: no serializer for protobuf")
	}
	body, server := io.Pipe()
	go func() { _ = server.CloseWithError(s.serve(server)) }()
	frames := streaming.NewDecoder(info.StreamSerializer.Framer.NewFrameReader(body), info.StreamSerializer.Serializer)
	objects := s.codecs.DecoderToVersion(info.Serializer, schema.GroupVersion{})
	return watch.NewStreamWatcher(restwatch.NewDecoder(frames, objects), apierrors.NewClientErrorReporter(500, "watch", "")), nil
}

// serve writes the frames of the watch.
func (s *stream) serve(w io.Writer) error {
	mark := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		ResourceVersion: "1", Annotations: map[string]string{metav1.InitialEventsAnnotationKey: "true"},
	}}
	end, err := frame(watch.Bookmark, mark)
	if err != nil {
		return err
	}
	for _, f := range append(s.initial[:len(s.initial):len(s.initial)], end) {
		if _, err := w.Write(f); err != nil {
			return err
		}
	}
	for f := range s.changes {
		if _, err := w.Write(f); err != nil {
			return err
		}
	}
	return io.EOF
}

// frame is what a watch tells about a pod.
func frame(kind watch.EventType, p *corev1.Pod) ([]byte, error) {
	p.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Pod"))
	raw, err := runtime.Encode(protobuf.NewSerializer(scheme.Scheme, scheme.Scheme), p)
	if err != nil {
		return nil, fmt.Errorf("encode a pod: %w", err)
	}
	event := metav1.WatchEvent{Type: string(kind), Object: runtime.RawExtension{Raw: raw}}
	body, err := event.Marshal()
	if err != nil {
		return nil, fmt.Errorf("encode an event: %w", err)
	}
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...), nil //nolint:gosec // a few KiB
}
