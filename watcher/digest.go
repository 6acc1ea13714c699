package watcher

import (
	"hash/maphash"
	"math"
	"reflect"
	"time"

	"github.com/undog-dev/undog/policy"
)

// digest is a hash of everything that an Observation says but At and Version.
// own is digestOwn of it.
func digest(o *policy.Observation, own uint64) uint64 {
	h := hasher(own)
	h.chosen(o, gatheredFields)
	return uint64(h)
}

// digestOwn is a hash of what the Deployment itself says, which changes less
// often than the rest.
func digestOwn(o *policy.Observation) uint64 {
	h := hasher(0x9e3779b97f4a7c15)
	h.chosen(o, ownFields)
	return uint64(h)
}

// ownFields are an Observation's fields that the Deployment itself says, and
// gatheredFields those that others do. They are told apart by the type, so that
// a field added there is never forgotten here.
var ownFields, gatheredFields = observationFields()

func observationFields() (own, gathered []int) {
	t := reflect.TypeFor[policy.Observation]()
	for i := range t.NumField() {
		switch t.Field(i).Name {
		case "At", "Version":
		case "Configs", "Hosts", "Revisions", "Idle", "Records":
			gathered = append(gathered, i)
		default:
			own = append(own, i)
		}
	}
	return own, gathered
}

func (h *hasher) chosen(o *policy.Observation, fields []int) {
	v := reflect.ValueOf(o).Elem()
	for _, i := range fields {
		h.value(v.Field(i))
	}
}

// hasher is a hash of 64 bits. It is another one in each process.
type hasher uint64

var seed = maphash.MakeSeed()

// number mixes as the end of MurmurHash3 does.
func (h *hasher) number(n uint64) {
	x := (uint64(*h) ^ n) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	*h = hasher(x ^ x>>33)
}

func (h *hasher) text(s string) { h.number(maphash.String(seed, s)) }

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
	case reflect.Interface:
		h.idle(v)
	case reflect.Slice, reflect.Array:
		h.number(uint64(v.Len())) //nolint:gosec // a length
		for i := range v.Len() {
			h.value(v.Index(i))
		}
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
