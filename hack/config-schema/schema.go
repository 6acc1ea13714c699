package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/hack/comments"
)

// schema is a JSON Schema, draft 2020-12.
type schema map[string]any

// schemas makes them of types.
type schemas struct {
	// docs are the comments, by the name of the package.
	docs map[string]comments.Texts
	// names are what Go calls things, which nobody who writes a file knows.
	names map[string]bool
}

// document is the whole schema.
func (s *schemas) document() ([]byte, error) {
	defaults := config.Default()
	root, err := s.of(reflect.ValueOf(defaults), "")
	if err != nil {
		return nil, err
	}
	root = orNull(root)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = "https://undog.dev/schemas/config.json"
	root["title"] = "The configuration of undog"
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil {
		return nil, fmt.Errorf("encode the schema: %w", err)
	}
	return out.Bytes(), nil
}

var (
	// length is a time with its unit; 0 needs none.
	length = schema{"anyOf": []any{schema{"const": 0}, schema{"type": "string", "pattern": `^\+?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`}}}
	// text is what YAML may take for something else where it is not quoted.
	text = []string{"string", "number", "boolean"}
	// quoted is what must be a text to YAML.
	quoted = []string{"string"}
)

// of is the schema of a value at a path ([] for any index); the value is what
// applies where nothing is said.
func (s *schemas) of(v reflect.Value, at string) (schema, error) {
	t := v.Type()
	switch t {
	case reflect.TypeFor[config.Duration](), reflect.TypeFor[time.Duration]():
		return with(length, "default", lengthOf(v)), nil
	case reflect.TypeFor[config.Fraction]():
		return schema{"type": []string{"number"}, "exclusiveMinimum": 0, "exclusiveMaximum": 1, "default": v.Float()}, nil
	case reflect.TypeFor[config.Date]():
		return schema{"type": quoted}, nil
	}
	switch t.Kind() {
	case reflect.Struct:
		return s.object(v, at)
	case reflect.Pointer:
		return s.of(reflect.Zero(t.Elem()), at)
	case reflect.Slice:
		items, err := s.of(reflect.Zero(t.Elem()), at+"[]")
		delete(items, "default")
		list := schema{"type": []string{"array"}, "items": items}
		if at == "policies" {
			list["minItems"] = 1 // None at all would judge nothing.
		}
		return list, err
	case reflect.Map:
		return schema{"type": []string{"object"}, "additionalProperties": schema{"type": text}}, nil
	case reflect.String:
		return words(v.String(), at), nil
	case reflect.Bool:
		return schema{"type": []string{"boolean"}, "default": v.Bool()}, nil
	case reflect.Int:
		return number(v.Int(), at), nil
	case reflect.Float64:
		return schema{"type": []string{"number"}}, nil
	default:
		return nil, fmt.Errorf("make the schema of %s: its type %s is not known", at, t)
	}
}

// number is a whole number within its bounds.
func number(value int64, at string) schema {
	out := schema{"type": []string{"integer"}}
	if value != 0 {
		out["default"] = value
	}
	if b, bounded := config.Bounds()[at]; bounded {
		out["minimum"], out["maximum"] = b.Min, b.Max
	}
	if at == "brake.rollouts" {
		// -1 turns it off, and with 0 it would always be on.
		out["minimum"], out["not"] = -1, schema{"const": 0}
	}
	return out
}

// orNull allows that a key has no value.
func orNull(s schema) schema {
	if t, ok := s["type"].([]string); ok {
		s["type"] = append(slices.Clone(t), "null")
	}
	if enum, ok := s["enum"].([]any); ok {
		s["enum"] = append(enum, nil)
	}
	if ways, ok := s["anyOf"].([]any); ok {
		s["anyOf"] = append(slices.Clone(ways), schema{"type": "null"})
	}
	return s
}

// words is a text, or one of a few words.
func words(value, at string) schema {
	choices := config.Choices(at)
	if choices == nil {
		if config.Verbatim(at) {
			return with(schema{"type": text}, "default", value)
		}
		return with(schema{"type": quoted}, "default", value)
	}
	enum := make([]any, 0, len(choices))
	for _, w := range choices {
		enum = append(enum, w)
		if b, err := strconv.ParseBool(w); err == nil && w == strconv.FormatBool(b) {
			enum = append(enum, b)
		}
	}
	return with(schema{"enum": enum}, "default", value)
}

func lengthOf(v reflect.Value) string {
	if v.Int() == 0 {
		return ""
	}
	return config.Duration(v.Int()).String()
}

// with adds a value unless it is empty.
func with(s schema, key, value string) schema {
	out := schema{}
	maps.Copy(out, s)
	if value != "" {
		out[key] = value
	}
	return out
}

// object has the keys of a struct and no others.
func (s *schemas) object(v reflect.Value, at string) (schema, error) {
	properties := schema{}
	if err := s.fields(v, at, properties); err != nil {
		return nil, err
	}
	out := schema{"type": []string{"object"}, "additionalProperties": false, "properties": properties}
	if config.Named(at + ".name") {
		out["required"] = []string{"name"}
	}
	return out, nil
}

func (s *schemas) fields(v reflect.Value, at string, properties schema) error {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		key, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if slices.Contains(strings.Split(options, ","), "inline") {
			if err := s.fields(v.Field(i), at, properties); err != nil {
				return err
			}
			continue
		}
		below := key
		if at != "" {
			below = at + "." + key
		}
		property, err := s.of(v.Field(i), below)
		if err != nil {
			return err
		}
		if config.Nullable(below) {
			property = orNull(property)
		}
		text, err := s.describe(t, f, key, below)
		if err != nil {
			return err
		}
		properties[key] = with(property, "description", text)
	}
	return nil
}
