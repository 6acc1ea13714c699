package watcher

import (
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
)

// uid is the UID of an object as a number: a third of its text, and nothing that
// points elsewhere. Kubernetes' are UUIDs. Of anything else it is a hash, which
// tells apart as well.
type uid struct{ hi, lo uint64 }

// uuidLength is that of a UUID's text.
const uuidLength = 36

// uidOf is the zero uid for "". odd tells a text that the number does not give back.
func uidOf(s string) (id uid, odd bool) {
	if s == "" {
		return uid{}, false
	}
	var raw [16]byte
	if parseUUID(s, &raw) {
		if id := uidFrom(raw[:]); id != (uid{}) {
			return id, false
		}
	}
	h := fnv.New128a()
	_, _ = h.Write([]byte(s))
	return uidFrom(h.Sum(raw[:0])), true
}

func uidFrom(raw []byte) uid {
	return uid{hi: binary.BigEndian.Uint64(raw), lo: binary.BigEndian.Uint64(raw[8:])}
}

// parseUUID reads a UUID as it is usually written, in lower case.
func parseUUID(s string, raw *[16]byte) bool {
	if len(s) != uuidLength {
		return false
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if s[i] != '-' {
				return false
			}
			continue
		}
		var v byte
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			v = c - '0'
		case c >= 'a' && c <= 'f':
			v = c - 'a' + 10
		default:
			return false
		}
		raw[n/2] = raw[n/2]<<4 | v
		n++
	}
	return true
}

// String is the text of a UUID.
func (u uid) String() string {
	if u == (uid{}) {
		return ""
	}
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:], u.hi)
	binary.BigEndian.PutUint64(raw[8:], u.lo)
	var out [uuidLength]byte
	hex.Encode(out[:8], raw[:4])
	hex.Encode(out[9:13], raw[4:6])
	hex.Encode(out[14:18], raw[6:8])
	hex.Encode(out[19:23], raw[8:10])
	hex.Encode(out[24:], raw[10:])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}
