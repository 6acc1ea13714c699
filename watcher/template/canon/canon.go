package canon

import (
	"bytes"

	"google.golang.org/protobuf/encoding/protowire"
)

// Template appends the canonical form of an encoded pod template. foreign says that
// others encoded it: what these types might encode otherwise, had they decoded it, is
// then refused, and the template has to be decoded. Of what these types encoded, nothing
// is refused.
func Template(out, encoded []byte, foreign bool) (canonical []byte, ok bool) {
	w := writer{out: out, foreign: foreign}
	ok = w.message(encoded, templateShape)
	return w.out, ok
}

// writer writes messages. Those in others are written as groups, so that it need not be
// known how long they will be.
type writer struct {
	out     []byte
	foreign bool
}

// message writes the fields of a message. It is false if the message is refused.
func (w *writer) message(encoded []byte, as *shape) bool {
	var last protowire.Number
	var key []byte
	for len(encoded) > 0 {
		number, wire, n := protowire.ConsumeTag(encoded)
		if n < 0 {
			return false
		}
		size := protowire.ConsumeFieldValue(number, wire, encoded[n:])
		if size < 0 {
			return false
		}
		value := encoded[n : n+size]
		encoded = encoded[n+size:]
		f := as.field(number)
		if f == nil {
			continue
		}
		// Types write their fields in the order of the numbers. Where there are two of
		// what may be there once, decoders disagree.
		if wire != f.kind.wire() || number < last || number == last && !f.repeated {
			return false
		}
		if number != last {
			last, key = number, nil
		}
		ok := false
		switch f.kind {
		case number32, number64, truth:
			ok = w.number(number, value, f)
		case entry:
			key, ok = w.entry(number, value, f, key)
		case text, message, quantity, opaque:
			ok = w.bytes(number, value, f)
		}
		if !ok {
			return false
		}
	}
	return true
}

func (w *writer) number(number protowire.Number, value []byte, f *field) bool {
	v, n := protowire.ConsumeVarint(value)
	switch {
	case n < 0 || n != protowire.SizeVarint(v),
		f.kind == truth && v > 1,
		f.kind == number32 && v != uint64(int64(int32(v))): //nolint:gosec // whether it is one
		return false
	case v == 0 && !f.present:
		return true
	}
	w.out = protowire.AppendTag(w.out, number, protowire.VarintType)
	w.out = protowire.AppendVarint(w.out, v)
	return true
}

// bytes writes what has a length of its own.
func (w *writer) bytes(number protowire.Number, value []byte, f *field) bool {
	value, n := protowire.ConsumeBytes(value)
	if n < 0 {
		return false
	}
	if f.kind == message {
		return w.group(number, value, f)
	}
	if w.foreign && (f.kind == quantity && !isCanonical(value) || f.kind == opaque && (len(value) > 0 || f.present)) {
		return false
	}
	if len(value) == 0 && !f.present {
		return true
	}
	w.out = protowire.AppendTag(w.out, number, protowire.BytesType)
	w.out = protowire.AppendBytes(w.out, value)
	return true
}

func (w *writer) group(number protowire.Number, value []byte, f *field) bool {
	before := len(w.out)
	w.out = protowire.AppendTag(w.out, number, protowire.StartGroupType)
	begun := len(w.out)
	if !w.message(value, f.of) {
		return false
	}
	if len(w.out) == begun && !f.present {
		w.out = w.out[:before]
		return true
	}
	w.out = protowire.AppendTag(w.out, number, protowire.EndGroupType)
	return true
}

// entry writes an entry of a map, whose key must come after the one before: types write
// maps in the order of their keys.
func (w *writer) entry(number protowire.Number, value []byte, f *field, before []byte) (key []byte, ok bool) {
	value, n := protowire.ConsumeBytes(value)
	if n < 0 {
		return nil, false
	}
	key, ok = keyOf(value)
	if !ok || before != nil && bytes.Compare(before, key) >= 0 {
		return nil, false
	}
	if f.without != "" && string(key) == f.without {
		return key, true
	}
	return key, w.group(number, value, f)
}

// keyOf is the key of an entry; types write it first, even if it is empty.
func keyOf(entry []byte) ([]byte, bool) {
	number, wire, n := protowire.ConsumeTag(entry)
	if n < 0 || number != 1 || wire != protowire.BytesType {
		return nil, false
	}
	key, n := protowire.ConsumeBytes(entry[n:])
	return key, n >= 0
}
