package config

import (
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v3"

	"github.com/undog-dev/undog/config/spell"
)

// mapping decodes the keys of a struct: each known, each once, case and all.
func (d *decoder) mapping(n *yaml.Node, into reflect.Value, at path) {
	fields := fieldsOf(into.Type())
	if n.Kind != yaml.MappingNode {
		d.problem(n, at, "is %s; write keys under it: %s", kindOf(n), wordList(fields))
		return
	}
	for key, value := range d.pairs(n, at) {
		index, ok := fields[key.Value]
		if !ok {
			d.visits--
			d.problem(key, at.key(clip(key.Value)), "%s", unknownKey(key.Value, n, fields, at))
			continue
		}
		d.value(value, into.FieldByIndex(index), at.key(key.Value))
		if _, set := d.file.lines[at.key(key.Value).shown]; set {
			d.file.lines[at.key(key.Value).shown] = key.Line
		}
	}
}

// pairs goes through the keys and values of a mapping, as long as it may, and
// reports keys that are no plain words or that stand there twice.
func (d *decoder) pairs(n *yaml.Node, at path) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		seen := map[string]int{}
		for i := 0; i+1 < len(n.Content) && d.visits > 0; i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			line, again := seen[key.Value]
			switch {
			case key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge":
				d.visits--
				d.problem(key, at, "has a key that is not a plain word; merge keys and composed keys are not read here: write the keys out")
			case again:
				d.visits--
				d.problem(key, at.key(clip(key.Value)), "is already set on line %d; remove one", line)
			default:
				seen[key.Value] = key.Line
				if !yield(key, value) {
					return
				}
			}
		}
	}
}

// unknownKey says what a key that does not exist was likely meant to be.
func unknownKey(key string, n *yaml.Node, fields map[string][]int, at path) string {
	names := slices.Sorted(maps.Keys(fields))
	for _, name := range names {
		if !strings.EqualFold(name, key) {
			continue
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == name {
				return fmt.Sprintf("unknown key; it differs only by case from %s on line %d: remove one", name, n.Content[i].Line)
			}
		}
		return fmt.Sprintf("unknown key; did you mean %s? Case matters", name)
	}
	if guess := spell.Closest(key, names); guess != "" {
		return fmt.Sprintf("unknown key; did you mean %s?", guess)
	}
	for _, elsewhere := range allPaths(reflect.TypeFor[Config](), "") {
		parent, last, ok := cutLast(elsewhere)
		if ok && last == key && parent != at.pattern {
			return fmt.Sprintf("unknown key here; did you mean %s?", elsewhere)
		}
	}
	return fmt.Sprintf("unknown key; the keys here are %s", strings.Join(names, ", "))
}

// fieldsOf maps the keys of a struct to its fields. An embedded struct's keys
// are its own.
func fieldsOf(t reflect.Type) map[string][]int {
	fields := make(map[string][]int, t.NumField())
	for _, field := range reflect.VisibleFields(t) {
		if !field.Anonymous {
			fields[field.Tag.Get("yaml")] = field.Index
		}
	}
	return fields
}

// allPaths lists every path that a file can set, as patterns, in the order of
// the types.
func allPaths(t reflect.Type, prefix string) []string {
	var paths []string
	for _, field := range reflect.VisibleFields(t) {
		if field.Anonymous {
			continue
		}
		name := prefix + field.Tag.Get("yaml")
		paths = append(paths, name)
		ft := field.Type
		if ft.Kind() == reflect.Pointer {
			ft = ft.Elem()
		}
		switch {
		case ft.Kind() == reflect.Struct:
			paths = append(paths, allPaths(ft, name+".")...)
		case ft.Kind() == reflect.Slice && ft.Elem().Kind() == reflect.Struct:
			paths = append(paths, allPaths(ft.Elem(), name+"[].")...)
		}
	}
	return paths
}

func cutLast(path string) (parent, last string, ok bool) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

func wordList(fields map[string][]int) string {
	return strings.Join(slices.Sorted(maps.Keys(fields)), ", ")
}
