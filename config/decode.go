package config

import (
	"fmt"
	"reflect"
	"strconv"

	yaml "go.yaml.in/yaml/v3"
)

// maxVisits bounds the work that aliases within aliases can ask for.
const maxVisits = 100_000

var (
	durationType = reflect.TypeFor[Duration]()
	fractionType = reflect.TypeFor[Fraction]()
	dateType     = reflect.TypeFor[Date]()
	policyType   = reflect.TypeFor[Policy]()
)

// path is where a value stands: shown with its indexes, as in
// policies[1].bake, and as a pattern without them, as in policies[].bake.
type path struct{ shown, pattern string }

func (p path) key(name string) path {
	if p.shown == "" {
		return path{name, name}
	}
	return path{p.shown + "." + name, p.pattern + "." + name}
}

func (p path) index(i int) path {
	return path{p.shown + "[" + strconv.Itoa(i) + "]", p.pattern + "[]"}
}

// decoder walks a YAML tree along a Go type. It works on nodes because only
// they know their lines, and because it must go on after the first problem.
type decoder struct {
	file     *File
	problems Problems
	visits   int
	// expression checks the conditions of rules; nil when nobody can.
	expression Expression
}

func (d *decoder) problem(n *yaml.Node, at path, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if at.shown == "" {
		text = "the file " + text
	}
	d.problems = append(d.problems, Problem{File: d.file.Name, Line: n.Line, Path: at.shown, Text: text})
}

// value decodes n into a field, or says why it cannot. A null keeps the default.
func (d *decoder) value(n *yaml.Node, into reflect.Value, at path) {
	if d.visits--; d.visits <= 0 {
		return
	}
	line := n.Line
	n = followed(n)
	if isNull(n) {
		return
	}
	if at.shown != "" {
		d.file.lines[at.shown] = line
	}
	switch {
	case into.Type() == durationType:
		d.duration(n, into, at)
	case into.Type() == fractionType:
		d.fraction(n, into, at)
	case into.Kind() == reflect.Struct:
		d.mapping(n, into, at)
	case into.Kind() == reflect.Slice:
		d.list(n, into, at)
	case into.Kind() == reflect.String:
		d.text(n, into, at)
	case into.Kind() == reflect.Int:
		d.number(n, into, at)
	case into.Kind() == reflect.Bool:
		d.truth(n, into, at)
	default:
		panic("config: no decoder for " + into.Type().String())
	}
}

func (d *decoder) text(n *yaml.Node, into reflect.Value, at path) {
	if n.Kind != yaml.ScalarNode {
		d.problem(n, at, "is %s; write one text", kindOf(n))
		return
	}
	switch tag := n.ShortTag(); {
	case tag == "!!str", tag == "!!timestamp" && into.Type() == dateType:
	case tag == "!!int", tag == "!!float", tag == "!!bool", tag == "!!timestamp":
		text := checks[at.pattern](n.Value)
		if text == "" { // Quotes are all that it lacks.
			text = fmt.Sprintf("%s is %s; write it in quotes: %s", clip(n.Value), kindOf(n), quote(n.Value))
		}
		d.problem(n, at, "%s", text)
		return
	default:
		d.problem(n, at, "is %s; remove the tag", kindOf(n))
		return
	}
	into.SetString(n.Value)
	if text := checks[at.pattern](n.Value); text != "" {
		d.problem(n, at, "%s", text)
	} else if at.pattern == "policies[].rules[].when" {
		d.condition(n, at)
	}
}

func (d *decoder) duration(n *yaml.Node, into reflect.Value, at path) {
	if n.Kind != yaml.ScalarNode {
		d.problem(n, at, "is %s; write a duration such as 10m", kindOf(n))
		return
	}
	parsed, text := parseDuration(n.Value)
	if text != "" {
		d.problem(n, at, "%s", text)
		return
	}
	into.SetInt(int64(parsed))
}

func (d *decoder) fraction(n *yaml.Node, into reflect.Value, at path) {
	if n.Kind != yaml.ScalarNode {
		d.problem(n, at, "is %s; write a number such as 0.001", kindOf(n))
		return
	}
	parsed, text := parseFraction(n.Value)
	if text != "" {
		d.problem(n, at, "%s", text)
		return
	}
	into.SetFloat(float64(parsed))
}

func (d *decoder) number(n *yaml.Node, into reflect.Value, at path) {
	if n.Kind != yaml.ScalarNode {
		d.problem(n, at, "is %s; write a whole number", kindOf(n))
		return
	}
	parsed, err := strconv.ParseInt(n.Value, 10, 32)
	if err != nil {
		d.problem(n, at, "%s is not a whole number that fits; write one such as 5", quote(n.Value))
		return
	}
	into.SetInt(parsed)
}

// truth takes true and false and nothing else that YAML once took for them.
func (d *decoder) truth(n *yaml.Node, into reflect.Value, at path) {
	if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" {
		d.problem(n, at, "is %s; write true or false", kindOf(n))
		return
	}
	into.SetBool(n.Value == "true")
}

func (d *decoder) list(n *yaml.Node, into reflect.Value, at path) {
	elem := into.Type().Elem()
	if n.Kind != yaml.SequenceNode {
		if elem.Kind() == reflect.String {
			d.problem(n, at, "is %s; write a list: [%s]", kindOf(n), exampleOf(n))
		} else {
			d.problem(n, at, "is %s; write a list, each item beginning with '- %s: …'", kindOf(n), elem.Field(0).Tag.Get("yaml"))
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
	if elem.Kind() == reflect.String {
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

// followed returns the node that an alias stands for. An alias of an alias
// cannot be written, so one step is enough.
func followed(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// exampleOf repeats a plain value for a way out, or stands in for it.
func exampleOf(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" && n.Value != "" {
		return clip(n.Value)
	}
	return "…"
}

// kindOf names what YAML read, in the words of its readers.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping (key: value)"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode, yaml.AliasNode, yaml.DocumentNode:
	}
	switch tag := n.ShortTag(); tag {
	case "!!str":
		return "a text"
	case "!!int", "!!float":
		return "a number to YAML"
	case "!!bool":
		return "a boolean to YAML"
	case "!!timestamp":
		return "a date to YAML"
	case "!!null":
		return "empty"
	default:
		return "tagged " + clip(tag)
	}
}
