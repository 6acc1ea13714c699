package config

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v3"
)

func (d *decoder) text(n *yaml.Node, into reflect.Value, at path) {
	if !d.scalar(n, at, "one text") {
		return
	}
	switch tag := n.ShortTag(); {
	case tag == "!!str", tag == "!!timestamp" && into.Type() == dateType:
	case verbatim(at) && untagged(n):
	case tag == "!!int", tag == "!!float", tag == "!!bool", tag == "!!timestamp":
		text := said(at, n.Value)
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
	if text := said(at, n.Value); text != "" {
		d.problem(n, at, "%s", text)
	} else if at.pattern == "policies[].rules[].when" {
		d.condition(n, at)
	}
}

// scalar reports what is no single value; wayOut says what to write instead.
func (d *decoder) scalar(n *yaml.Node, at path, wayOut string) bool {
	if n.Kind != yaml.ScalarNode {
		d.problem(n, at, "is %s; write %s", kindOf(n), wayOut)
		return false
	}
	return true
}

func (d *decoder) duration(n *yaml.Node, into reflect.Value, at path) {
	if !d.scalar(n, at, "a duration such as 10m") {
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
	if !d.scalar(n, at, "a number such as 0.001") {
		return
	}
	if d.quoted(n, at) {
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
	if !d.scalar(n, at, "a whole number") {
		return
	}
	if d.quoted(n, at) {
		return
	}
	parsed, err := strconv.ParseInt(n.Value, 10, 32)
	if err != nil {
		d.problem(n, at, "%s is not a whole number that fits; write one such as 5", quote(n.Value))
		return
	}
	into.SetInt(parsed)
}

func (d *decoder) float(n *yaml.Node, into reflect.Value, at path) {
	if !d.scalar(n, at, "a number such as 0.5") {
		return
	}
	if d.quoted(n, at) {
		return
	}
	parsed, err := strconv.ParseFloat(n.Value, 64)
	if err != nil || math.IsNaN(parsed) || math.IsInf(parsed, 0) {
		d.problem(n, at, "%s is not a number; write one such as 0.5", quote(n.Value))
		return
	}
	into.SetFloat(parsed)
}

// truth takes true and false and nothing else that YAML once took for them.
func (d *decoder) truth(n *yaml.Node, into reflect.Value, at path) {
	if d.quoted(n, at) {
		return
	}
	if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" {
		d.problem(n, at, "is %s; write true or false", kindOf(n))
		return
	}
	into.SetBool(n.Value == "true")
}

// quoted reports a text that stands where a number or a truth value belongs. What
// reads the file for an editor does not take one for the other either.
func (d *decoder) quoted(n *yaml.Node, at path) bool {
	const quotes = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	if n.Kind != yaml.ScalarNode || n.Style&quotes == 0 {
		return false
	}
	d.problem(n, at, "is a text, since it stands in quotes; write it without them")
	return true
}

// verbatim tells whether a number, a boolean or a date is taken as the text that
// it is written with: a port, a status and a field of a form may be any of them.
func verbatim(at path) bool {
	return strings.HasSuffix(at.pattern, "{}") || at.pattern == "leaderElection.enabled" ||
		strings.HasPrefix(at.pattern, "checks[].") && !strings.HasPrefix(at.pattern, "checks[].match.")
}

// untagged tells whether the file itself gives the value no type.
func untagged(n *yaml.Node) bool { return n.Style&yaml.TaggedStyle == 0 }

// said is what the check of a text says of a value.
func said(at path, value string) string {
	if judge, ok := checks[at.pattern]; ok {
		return judge(value)
	}
	return "" // Whoever knows the whole it belongs to judges it.
}
