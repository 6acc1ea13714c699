package canon

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/undog-dev/undog/watcher/template/templatetest"
)

// every rewrites a message and those in it.
func every(t *testing.T, encoded []byte, as *shape, fields func(add func(number protowire.Number, raw []byte), number protowire.Number, value []byte, f *field)) []byte {
	t.Helper()
	var out []byte
	add := func(_ protowire.Number, raw []byte) { out = append(out, raw...) }
	for len(encoded) > 0 {
		number, wire, n := protowire.ConsumeTag(encoded)
		size := protowire.ConsumeFieldValue(number, wire, encoded[n:])
		if n < 0 || size < 0 {
			t.Fatal("what was encoded cannot be read")
		}
		raw, f := encoded[:n+size], as.field(number)
		if f != nil && f.kind == message {
			value, _ := protowire.ConsumeBytes(encoded[n:])
			raw = protowire.AppendTag(nil, number, protowire.BytesType)
			raw = protowire.AppendBytes(raw, every(t, value, f.of, fields))
		}
		fields(add, number, raw, f)
		encoded = encoded[n+size:]
	}
	fields(add, 0, nil, nil)
	return out
}

// TestOfAnotherVersion checks that an API server that knows more fields than
// undog, or fewer, makes no difference.
func TestOfAnotherVersion(t *testing.T) {
	for name, change := range map[string]func(add func(protowire.Number, []byte), number protowire.Number, raw []byte, f *field){
		"newer": func(add func(protowire.Number, []byte), number protowire.Number, raw []byte, _ *field) {
			if add(number, raw); number == 0 {
				more := protowire.AppendTag(nil, 900, protowire.BytesType)
				more = protowire.AppendString(more, "new")
				more = protowire.AppendTag(more, 901, protowire.VarintType)
				add(900, protowire.AppendVarint(more, 7))
			}
		},
		"older": func(add func(protowire.Number, []byte), number protowire.Number, raw []byte, f *field) {
			if f != nil && !f.present {
				if _, _, n := protowire.ConsumeTag(raw); len(raw) == n+1 && raw[n] == 0 {
					return
				}
			}
			add(number, raw)
		},
	} {
		t.Run(name, func(t *testing.T) {
			changed := 0
			for seed := range int64(200) {
				p := templatetest.Usual(seed)
				raw, err := p.Marshal()
				if err != nil {
					t.Fatal(err)
				}
				want, ok := Template(nil, raw, false)
				if !ok {
					t.Fatalf("template %d of these types is refused", seed)
				}
				other := every(t, raw, templateShape, change)
				if len(other) != len(raw) {
					changed++
				}
				if got, ok := Template(nil, other, true); !ok || !bytes.Equal(got, want) {
					t.Fatalf("template %d: %v, %x, want %x", seed, ok, got, want)
				}
			}
			if changed < 150 {
				t.Errorf("only %d templates changed", changed)
			}
		})
	}
}
