package slim

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
)

// The wire types of protobuf that the Kubernetes API uses.
const (
	varint  = 0
	fixed64 = 1
	bytes   = 2
	fixed32 = 5
)

// maxDepth is deeper than any path of keep.go.
const maxDepth = 8

var errMalformed = errors.New("malformed protobuf")

// trim drops from an encoded message, in place, what is not kept, and returns
// what is left of it. After an error the message is spoilt.
func trim(message []byte, keep *fields, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, errMalformed
	}
	out := message[:0]
	for rest := message; len(rest) > 0; {
		tag, header, value, err := next(rest)
		if err != nil {
			return nil, err
		}
		size := header + len(value)
		sub := keep.of(tag >> 3)
		switch {
		case sub == nil, sub.keys != nil && !sub.hasKey(value):
		case sub == whole, sub.keys != nil, tag&7 != bytes:
			out = append(out, rest[:size]...)
		default:
			left, err := trim(value, sub, depth+1)
			if err != nil {
				return nil, err
			}
			// What is written is never longer than what has been read.
			out = binary.AppendUvarint(out, tag)
			out = binary.AppendUvarint(out, uint64(len(left)))
			out = append(out, left...)
		}
		rest = rest[size:]
	}
	return out, nil
}

// next reads a field: its tag, how long that is together with the length of what
// follows, and what follows.
func next(message []byte) (tag uint64, header int, value []byte, err error) {
	tag, n := binary.Uvarint(message)
	if n <= 0 {
		return 0, 0, nil, errMalformed
	}
	rest := message[n:]
	size := 0
	switch tag & 7 {
	case varint:
		if _, size = binary.Uvarint(rest); size <= 0 {
			return 0, 0, nil, errMalformed
		}
	case fixed64:
		size = 8
	case fixed32:
		size = 4
	case bytes:
		length, m := binary.Uvarint(rest)
		if m <= 0 || length > uint64(len(rest)-m) {
			return 0, 0, nil, errMalformed
		}
		n, rest, size = n+m, rest[m:], int(length) //nolint:gosec // not longer than rest
	default:
		return 0, 0, nil, errMalformed
	}
	if size > len(rest) {
		return 0, 0, nil, errMalformed
	}
	return tag, n, rest[:size], nil
}

// uvarint is the value of a varint that next has read.
func uvarint(value []byte) uint64 {
	n, _ := binary.Uvarint(value)
	return n
}

// hasKey tells whether an entry of a map is one of those that are kept.
func (f *fields) hasKey(entry []byte) bool {
	tag, header, key, err := next(entry)
	if err != nil || tag != 1<<3|bytes || header == 0 {
		// Not as it is usually written: the decoder will know.
		return true
	}
	return slices.ContainsFunc(f.keys, func(k string) bool {
		if strings.HasSuffix(k, "/") {
			return strings.HasPrefix(string(key), k)
		}
		return string(key) == k
	})
}
