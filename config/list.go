package config

import (
	"reflect"

	yaml "go.yaml.in/yaml/v3"
)

func (d *decoder) list(n *yaml.Node, into reflect.Value, at path) {
	elem := into.Type().Elem()
	if n.Kind != yaml.SequenceNode {
		if elem.Kind() == reflect.Struct {
			d.problem(n, at, "is %s; write a list, each item beginning with '- %s: …'", kindOf(n), firstKey(elem))
		} else {
			d.problem(n, at, "is %s; write a list: [%s]", kindOf(n), exampleOf(n))
		}
		return
	}
	out := reflect.MakeSlice(into.Type(), 0, len(n.Content))
	for i, item := range n.Content {
		if d.visits <= 0 {
			return
		}
		v := reflect.New(elem).Elem()
		if elem == policyType {
			v.Set(reflect.ValueOf(defaultPolicy("")))
		}
		if isNull(followed(item)) {
			d.visits--
			d.problem(item, at.index(i), "is empty; fill it in or remove the '-'")
		} else {
			d.value(item, v, at.index(i))
		}
		out = reflect.Append(out, v)
	}
	into.Set(out)
	if elem.Kind() == reflect.String && at.pattern != "checks[].exec.command" {
		d.repeated(n, out, at)
	}
}

// repeated reports a text that stands in its list twice.
func (d *decoder) repeated(n *yaml.Node, list reflect.Value, at path) {
	first := map[string]int{}
	for i := range list.Len() {
		word := list.Index(i).String()
		if earlier, ok := first[word]; ok && word != "" {
			d.problem(n.Content[i], at.index(i), "%s is already item [%d]; remove one", quote(word), earlier)
			continue
		}
		first[word] = i
	}
}

// firstKey is the key that items of a list begin with.
func firstKey(t reflect.Type) string {
	field := t.Field(0)
	if field.Anonymous {
		return firstKey(field.Type)
	}
	return field.Tag.Get("yaml")
}

// dictionary decodes keys of the user's own, each once and with its case. One
// without any key is as none.
func (d *decoder) dictionary(n *yaml.Node, into reflect.Value, at path) {
	if n.Kind != yaml.MappingNode {
		d.problem(n, at, "is %s; write names and values under it, such as name: value", kindOf(n))
		return
	}
	out := reflect.MakeMap(into.Type())
	for name, value := range d.pairs(n, at) {
		item := path{at.key(clip(name.Value)).shown, at.pattern + "{}"}
		if isNull(followed(value)) {
			d.visits--
			d.problem(name, item, "is empty; write a value, or \"\" for an empty one")
			continue
		}
		v := reflect.New(into.Type().Elem()).Elem()
		d.value(value, v, item)
		d.file.lines[item.shown] = name.Line
		out.SetMapIndex(reflect.ValueOf(name.Value), v)
	}
	if out.Len() > 0 {
		into.Set(out)
	}
}
