package slim

import (
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/undog-dev/undog/watcher/api"
	"github.com/undog-dev/undog/watcher/template"
)

// Codecs returns a serializer for REST clients that reads what the API server
// says in protobuf without what undog does not look at. Everything else is as with
// the serializer of client-go's own typed clients. specs are left out, too; nil is
// none.
func Codecs(specs *Specs) runtime.NegotiatedSerializer {
	all := api.Codecs.WithoutConversion()
	media := slices.Clone(all.SupportedMediaTypes())
	for i := range media {
		if m := &media[i]; m.MediaType == runtime.ContentTypeProtobuf {
			m.Serializer = objects{Serializer: m.Serializer, specs: specs}
			stream := *m.StreamSerializer
			stream.Serializer, stream.Framer = frames{stream.Serializer}, buffered{stream.Framer}
			m.StreamSerializer = &stream
		}
	}
	return codecs{NegotiatedSerializer: all, media: media}
}

type codecs struct {
	runtime.NegotiatedSerializer
	media []runtime.SerializerInfo
}

// SupportedMediaTypes implements runtime.NegotiatedSerializer.
func (c codecs) SupportedMediaTypes() []runtime.SerializerInfo { return c.media }

// prefix is what an object in protobuf begins with.
const prefix = "k8s\x00"

// objects decodes objects.
type objects struct {
	runtime.Serializer
	specs *Specs
}

// Decode implements runtime.Decoder. It spoils data.
func (o objects) Decode(data []byte, defaults *schema.GroupVersionKind, into runtime.Object) (runtime.Object, *schema.GroupVersionKind, error) {
	kind, raw, ok := envelope(data)
	keep := kinds[kind]
	if !ok || keep == nil || into != nil && !fits(into, kind) {
		return o.Serializer.Decode(data, defaults, into)
	}
	keep, sum := o.keeps(kind, raw, keep)
	left, err := trim(raw, keep, 0)
	if err != nil {
		return nil, &kind, fmt.Errorf("decode %s: %w", kind.Kind, err)
	}
	if into, err = empty(kind, into); err != nil {
		return nil, &kind, fmt.Errorf("decode %s: %w", kind.Kind, err)
	}
	message, ok := into.(message)
	if !ok {
		return nil, &kind, fmt.Errorf("decode %s: a %T is not read from protobuf", kind.Kind, into)
	}
	if err := message.Unmarshal(left); err != nil {
		return nil, &kind, fmt.Errorf("decode %s: %w", kind.Kind, err)
	}
	if rs, ok := into.(*appsv1.ReplicaSet); ok && keep == summed {
		mark(rs, sum)
	}
	return into, &kind, nil
}

// keeps is what is to be kept of an object, and the hash of its template where that says
// enough of it.
func (o objects) keeps(kind schema.GroupVersionKind, raw []byte, otherwise *fields) (*fields, template.Sum) {
	keep := o.specs.of(kind, raw, otherwise)
	if keep != otherwise {
		return keep, template.Sum{}
	}
	sum, ok := sumOf(kind, raw)
	if !ok {
		return keep, template.Sum{}
	}
	return summed, sum
}

// message is an object that can be read from protobuf.
type message interface {
	Reset()
	Unmarshal([]byte) error
}

// empty is an object to read into: the one that was given, if any was.
func empty(kind schema.GroupVersionKind, into runtime.Object) (runtime.Object, error) {
	if m, ok := into.(message); ok {
		m.Reset()
		return into, nil
	}
	if o := spared(kind); o != nil {
		return o, nil
	}
	return api.Scheme.New(kind)
}

// fits tells whether an object is of a kind.
func fits(o runtime.Object, kind schema.GroupVersionKind) bool {
	known, _, err := api.Scheme.ObjectKinds(o)
	return err == nil && slices.Contains(known, kind)
}

// envelope opens a runtime.Unknown: what kind of object it holds and, as a part of
// data, the object.
func envelope(data []byte) (kind schema.GroupVersionKind, raw []byte, ok bool) {
	if len(data) < len(prefix) || string(data[:len(prefix)]) != prefix {
		return kind, nil, false
	}
	var version, name string
	err := each(data[len(prefix):], func(number uint64, value []byte) {
		switch number {
		case 1:
			_ = each(value, func(number uint64, value []byte) {
				switch number {
				case 1:
					version = string(value)
				case 2:
					name = string(value)
				}
			})
		case 2:
			raw = value
		}
	})
	group, err2 := schema.ParseGroupVersion(version)
	return group.WithKind(name), raw, err == nil && err2 == nil && raw != nil
}

// each hands out a message's fields of bytes.
func each(message []byte, field func(number uint64, value []byte)) error {
	for rest := message; len(rest) > 0; {
		tag, header, value, err := next(rest)
		if err != nil {
			return err
		}
		if tag&7 == bytes {
			field(tag>>3, value)
		}
		rest = rest[header+len(value):]
	}
	return nil
}

// frames decodes what a watch consists of.
type frames struct{ runtime.Serializer }

// Decode implements runtime.Decoder. The event shares its object with data, which
// is the watch's to use again for the next event: by then it has been decoded.
func (f frames) Decode(data []byte, defaults *schema.GroupVersionKind, into runtime.Object) (runtime.Object, *schema.GroupVersionKind, error) {
	event, ok := into.(*metav1.WatchEvent)
	if !ok {
		return f.Serializer.Decode(data, defaults, into)
	}
	*event = metav1.WatchEvent{}
	err := each(data, func(number uint64, value []byte) {
		switch number {
		case 1:
			event.Type = string(value)
		case 2:
			_ = each(value, func(number uint64, value []byte) {
				if number == 1 {
					event.Object.Raw = value
				}
			})
		}
	})
	if err != nil {
		return nil, nil, fmt.Errorf("decode an event of a watch: %w", err)
	}
	return event, nil, nil
}
