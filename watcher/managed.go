package watcher

import (
	"bytes"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// lastWriter finds, in an object's managedFields, who last wrote something of
// what owns tells of, and when, in Unix seconds. Entries of subresources are
// left out, and undog's own where there is another.
func lastWriter(entries []metav1.ManagedFieldsEntry, owns func(fields []byte) bool) (manager string, at int64) {
	own, ownAt := "", int64(0)
	for i := range entries {
		e := &entries[i]
		if e.Subresource != "" || e.FieldsV1 == nil || e.Time == nil {
			continue
		}
		t := unixSeconds(*e.Time)
		mine := e.Manager == ManagedBy
		if mine && t < ownAt || !mine && t < at || !owns(e.FieldsV1.GetRawBytes()) {
			continue
		}
		if mine {
			own, ownAt = e.Manager, t
		} else {
			manager, at = e.Manager, t
		}
	}
	if manager == "" {
		manager, at = own, ownAt
	}
	return cleanName(manager, maxReason), at
}

// ownsTemplate tells whether a set of fields has something of spec.template.
func ownsTemplate(fields []byte) bool {
	spec, ok := member(fields, "f:spec")
	if !ok {
		return false
	}
	_, ok = member(spec, "f:template")
	return ok
}

// ownsData tells whether a set of fields has something of a ConfigMap's data.
func ownsData(fields []byte) bool {
	if _, ok := member(fields, "f:data"); ok {
		return true
	}
	_, ok := member(fields, "f:binaryData")
	return ok
}

// member finds a member of the JSON object that data begins with, and returns
// data from the member's value on. Sets of fields are long and looked at on
// every change, so that decoding them would cost more than everything else.
func member(data []byte, key string) (value []byte, ok bool) {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return nil, false
			}
		case '"':
			end := closingQuote(data, i+1)
			if end < 0 {
				return nil, false
			}
			name := data[i+1 : end]
			i = end
			if depth != 1 || string(name) != key {
				continue
			}
			if rest := bytes.TrimLeft(data[end+1:], " \t\r\n"); len(rest) > 0 && rest[0] == ':' {
				return bytes.TrimLeft(rest[1:], " \t\r\n"), true
			}
		}
	}
	return nil, false
}

// closingQuote is where the string that starts at from ends, -1 if nowhere.
func closingQuote(data []byte, from int) int {
	for i := from; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}
