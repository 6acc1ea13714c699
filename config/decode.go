package config

import (
	"fmt"
	"reflect"
	"strconv"
	"time"

	yaml "go.yaml.in/yaml/v3"

	"github.com/undog-dev/undog/policy"
)

// maxVisits bounds the work that aliases within aliases can ask for.
const maxVisits = 100_000

var (
	durationType = reflect.TypeFor[Duration]()
	fractionType = reflect.TypeFor[Fraction]()
	dateType     = reflect.TypeFor[Date]()
	policyType   = reflect.TypeFor[Policy]()
	plainType    = reflect.TypeFor[time.Duration]()
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
	file      *File
	problems  Problems
	visits    int
	compilers Compilers
	// full says that there are more problems than anybody reads.
	full bool
}

// maxProblems is how many are told at once. Looking for what was meant costs more
// than reading.
const maxProblems = 100

func (d *decoder) problem(n *yaml.Node, at path, format string, args ...any) {
	switch {
	case d.full:
		return
	case len(d.problems) == maxProblems:
		d.full, d.visits = true, 0
		d.problems = append(d.problems, Problem{File: d.file.Name, Text: fmt.Sprintf("has more mistakes than these %d; correct them first", maxProblems)})
		return
	}
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
	if isNull(n) && (!verbatim(at) || n.Value != "null") {
		if at.shown == "mode" {
			// Its default acts: a line that is not written to its end must not.
			d.problem(n, at, "has no value: write %s or %s, or leave the key out", policy.Observe, policy.Enforce)
		}
		return
	}
	if at.shown != "" {
		d.file.lines[at.shown] = line
	}
	switch t := into.Type(); {
	case t.Kind() == reflect.Pointer:
		into.Set(reflect.New(t.Elem()))
		d.typed(n, into.Elem(), at)
	default:
		d.typed(n, into, at)
	}
}

// typed decodes what is there along its type.
func (d *decoder) typed(n *yaml.Node, into reflect.Value, at path) {
	switch t := into.Type(); {
	case t == durationType || t == plainType:
		d.duration(n, into, at)
	case t == fractionType:
		d.fraction(n, into, at)
	case t.Kind() == reflect.Struct:
		d.mapping(n, into, at)
	case t.Kind() == reflect.Slice:
		d.list(n, into, at)
	case t.Kind() == reflect.Map:
		d.dictionary(n, into, at)
	case t.Kind() == reflect.String:
		d.text(n, into, at)
	case t.Kind() == reflect.Int:
		d.number(n, into, at)
	case t.Kind() == reflect.Float64:
		d.float(n, into, at)
	case t.Kind() == reflect.Bool:
		d.truth(n, into, at)
	default:
		panic("config: no decoder for " + t.String())
	}
}
