package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/undog-dev/undog/hack/comments"
	"github.com/undog-dev/undog/notify"
)

const (
	dialect = "https://json-schema.org/draft/2020-12/schema"
	// folder is where the schemas are kept, base where they say that they are.
	folder = "docs/schemas/v1/"
	base   = "https://undog.dev/schemas/v1/"
)

// schema is as much of JSON Schema as is needed, in the order in which it reads well.
type schema struct {
	Dialect     string     `json:"$schema,omitempty"`
	ID          string     `json:"$id,omitempty"`
	Title       string     `json:"title,omitempty"`
	Description string     `json:"description,omitempty"`
	AllOf       []schema   `json:"allOf,omitempty"`
	Ref         string     `json:"$ref,omitempty"`
	Type        string     `json:"type,omitempty"`
	Const       string     `json:"const,omitempty"`
	Enum        []string   `json:"enum,omitempty"`
	Format      string     `json:"format,omitempty"`
	Pattern     string     `json:"pattern,omitempty"`
	MinLength   int        `json:"minLength,omitempty"`
	Minimum     *int       `json:"minimum,omitempty"`
	Items       *schema    `json:"items,omitempty"`
	Required    []string   `json:"required,omitempty"`
	Properties  properties `json:"properties,omitempty"`
	// Others is false where other properties than these are refused.
	Others *bool      `json:"additionalProperties,omitempty"`
	Defs   properties `json:"$defs,omitempty"`
}

// properties is an object whose keys keep their order.
type properties []property

type property struct {
	name string
	schema
}

// MarshalJSON writes the properties in their order.
func (p properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, x := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		value, err := marshal(x.schema, "")
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%q:%s", x.name, value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// marshal does not escape <, > and &.
func marshal(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return b.Bytes(), nil
}

// schemas makes the one of every event, and one for each kind.
func schemas(docs comments.Texts) ([]file, error) {
	r := reader{docs: docs}
	event, err := r.object(reflect.TypeFor[notify.Event]())
	if err != nil {
		return nil, err
	}
	event.Dialect, event.ID, event.Title, event.Defs = dialect, base+"event.json", "An event of undog", r.defs
	slices.SortFunc(event.Defs, func(a, b property) int { return strings.Compare(a.name, b.name) })
	refine(event.Properties)
	all := map[string]schema{"event": event}
	order := []string{"event"}
	for _, k := range notify.Kinds() {
		order = append(order, k.Name())
		all[k.Name()] = schema{
			Dialect: dialect, ID: base + k.Name() + ".json", Title: k.Name(), Description: k.When,
			AllOf: []schema{{Ref: "event.json"}},
			Properties: properties{
				{"type", schema{Const: k.Type()}},
				{"data", schema{Required: append(notify.Common(), k.Always...)}},
			},
		}
	}
	var files []file
	for _, name := range order {
		b, err := marshal(all[name], "  ")
		if err != nil {
			return nil, fmt.Errorf("schema of %s: %w", name, err)
		}
		files = append(files, file{folder + name + ".json", b})
	}
	return files, nil
}

// refine adds what the Go types do not say.
func refine(envelope properties) {
	for i := range envelope {
		p := &envelope[i]
		switch p.name {
		case "specversion":
			p.Const = notify.SpecVersion
		case "datacontenttype":
			p.Const = notify.DataContentType
		case "id":
			p.MinLength = 1
		case "source":
			p.Pattern = "^/undog/[A-Za-z0-9_-]{1,63}$"
		case "type":
			p.Pattern = `^dev\.undog\.[a-z0-9-]+\.[a-z0-9-]+\.v1$`
		}
	}
}

// reader makes schemas of Go types, and collects those that are referred to.
type reader struct {
	docs comments.Texts
	defs properties
}

// object is the schema of a struct.
func (r *reader) object(t reflect.Type) (schema, error) {
	s := schema{Description: r.docs[t.Name()], Type: "object"}
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		value, err := r.value(f.Type)
		if err != nil {
			return s, fmt.Errorf("schema of %s.%s: %w", t.Name(), f.Name, err)
		}
		if value.Description = r.docs[t.Name()+"."+f.Name]; value.Description == "" && value.Ref != "" {
			value.Description = r.docs[f.Type.Name()]
		}
		if value.Description == "" {
			return s, fmt.Errorf("schema of %s.%s: it has no comment: say what it is", t.Name(), f.Name)
		}
		if options == "" {
			s.Required = append(s.Required, name)
		}
		s.Properties = append(s.Properties, property{name, value})
	}
	return s, nil
}

// value is the schema of a field.
func (r *reader) value(t reflect.Type) (schema, error) {
	if t == reflect.TypeFor[time.Time]() {
		return schema{Type: "string", Format: "date-time"}, nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		return r.value(t.Elem())
	case reflect.String:
		return schema{Type: "string"}, nil
	case reflect.Bool:
		return schema{Type: "boolean"}, nil
	case reflect.Int, reflect.Int32, reflect.Int64:
		return schema{Type: "integer"}, nil
	case reflect.Slice:
		items, err := r.value(t.Elem())
		return schema{Type: "array", Items: &items}, err
	case reflect.Struct:
		return schema{Ref: "#/$defs/" + t.Name()}, r.define(t)
	default:
		return schema{}, fmt.Errorf("no schema is known for type %s", t)
	}
}

func (r *reader) define(t reflect.Type) error {
	if slices.ContainsFunc(r.defs, func(p property) bool { return p.name == t.Name() }) {
		return nil
	}
	s, err := r.object(t)
	r.defs = append(r.defs, property{t.Name(), s})
	return err
}
