package slim

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// fields says which fields of a message are kept, by their protobuf numbers.
type fields struct {
	// kept holds what is kept of each number; nil is nothing, and whole everything.
	kept []*fields
	// keys, in an entry of a map, are those that are kept: themselves or, with a
	// trailing slash, what begins with them.
	keys []string
}

// whole keeps a field as it is.
var whole = &fields{}

// of is what is kept of a number.
func (f *fields) of(number uint64) *fields {
	if number < uint64(len(f.kept)) {
		return f.kept[number]
	}
	return nil
}

// keeping returns the fields of a message type that are at paths: names in
// JSON, joined by dots. A path ends at a whole field, or in "[key,key]" for
// entries of a map. It panics where there is no such field.
func keeping(message any, paths ...string) *fields {
	f := &fields{}
	for _, path := range paths {
		f.keep(reflect.TypeOf(message), path, path)
	}
	return f
}

func (f *fields) keep(message reflect.Type, path, of string) {
	name, rest, deeper := strings.Cut(path, ".")
	name, keys, keyed := strings.Cut(strings.TrimSuffix(name, "]"), "[")
	if keyed && deeper {
		// The dots are the keys'.
		name, keys, _ = strings.Cut(strings.TrimSuffix(path, "]"), "[")
		deeper = false
	}
	number, field, ok := find(message, name)
	if !ok {
		panic(fmt.Sprintf("slim: %s has no field %q of %q", message, name, of))
	}
	if n := number + 1 - len(f.kept); n > 0 {
		f.kept = append(f.kept, make([]*fields, n)...)
	}
	switch {
	case keyed:
		f.kept[number] = &fields{keys: strings.Split(keys, ",")}
	case !deeper:
		f.kept[number] = whole
	default:
		if f.kept[number] == nil {
			f.kept[number] = &fields{}
		}
		f.kept[number].keep(field, rest, of)
	}
}

// find looks a field up by its name in JSON. Its number stands in its protobuf tag.
func find(message reflect.Type, name string) (number int, of reflect.Type, ok bool) {
	for field := range message.Fields() {
		json, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		parts := strings.Split(field.Tag.Get("protobuf"), ",")
		if json != name || len(parts) < 2 {
			continue
		}
		number, err := strconv.Atoi(parts[1])
		return number, element(field.Type), err == nil
	}
	return 0, nil, false
}

// element is the type of the messages in a field.
func element(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t
}
