package watcher

import (
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy"
)

// digest is a hash of everything that an Observation says but At and Version.
// It walks the type, so that a field added there is never forgotten here.
func digest(o *policy.Observation) uint64 {
	h := fnvOffset
	v := reflect.ValueOf(o).Elem()
	for i := range v.NumField() {
		if f := v.Type().Field(i).Name; f != "At" && f != "Version" {
			h.value(v.Field(i))
		}
	}
	return uint64(h)
}

// hasher is the 64-bit FNV-1a hash.
type hasher uint64

const (
	fnvOffset hasher = 14695981039346656037
	fnvPrime  hasher = 1099511628211
)

func (h *hasher) number(n uint64) {
	for range 8 {
		*h = (*h ^ hasher(n&0xff)) * fnvPrime
		n >>= 8
	}
}

func (h *hasher) text(s string) {
	h.number(uint64(len(s)))
	for i := range len(s) {
		*h = (*h ^ hasher(s[i])) * fnvPrime
	}
}

var timeType = reflect.TypeFor[time.Time]()

func (h *hasher) value(v reflect.Value) {
	switch v.Kind() { //nolint:exhaustive // an Observation has no others; default catches one that gets them
	case reflect.Bool:
		h.number(uint64(b2i(v.Bool()))) //nolint:gosec // 0 or 1
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		h.number(uint64(v.Int())) //nolint:gosec // a hash has no sign
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		h.number(v.Uint())
	case reflect.Float32, reflect.Float64:
		h.number(math.Float64bits(v.Float()))
	case reflect.String:
		h.text(v.String())
	case reflect.Pointer:
		h.number(uint64(b2i(v.IsNil()))) //nolint:gosec // 0 or 1
		if !v.IsNil() {
			h.value(v.Elem())
		}
	case reflect.Slice, reflect.Array:
		h.number(uint64(v.Len())) //nolint:gosec // a length
		for i := range v.Len() {
			h.value(v.Index(i))
		}
	case reflect.Map:
		h.sortedMap(v)
	case reflect.Struct:
		h.fields(v)
	default:
		panic("digest of an observation: cannot hash a " + v.Kind().String())
	}
}

func (h *hasher) fields(v reflect.Value) {
	if v.Type() == timeType {
		t, _ := reflect.TypeAssert[time.Time](v)
		h.number(uint64(t.Unix()))       //nolint:gosec // a hash has no sign
		h.number(uint64(t.Nanosecond())) //nolint:gosec // never negative
		return
	}
	for i := range v.NumField() { //nolint:modernize // Fields allocates, and there are lists of structs
		h.value(v.Field(i))
	}
}

// sortedMap hashes a map with string keys.
func (h *hasher) sortedMap(v reflect.Value) {
	h.number(uint64(v.Len())) //nolint:gosec // a length
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int {
		switch {
		case a.String() < b.String():
			return -1
		case a.String() > b.String():
			return 1
		}
		return 0
	})
	for _, k := range keys {
		h.text(k.String())
		h.value(v.MapIndex(k))
	}
}
