package config

import yaml "go.yaml.in/yaml/v3"

// Expression says what is wrong with the condition of a rule; nothing if it is
// fine. Whoever reads a file brings it, since config compiles nothing.
type Expression func(text string) []Fault

// Fault is one thing that is wrong with an expression.
type Fault struct {
	// Line is the line of the expression, counted from 1.
	Line int
	Text string
}

// condition reports what is wrong with an expression, with lines of the file.
func (d *decoder) condition(n *yaml.Node, at path) {
	if d.expression == nil {
		return
	}
	for _, fault := range d.expression(n.Value) {
		where := *n
		if n.Style&yaml.LiteralStyle != 0 {
			where.Line += max(fault.Line, 1) // The text begins below the '|'.
		}
		d.problem(&where, at, "%s", fault.Text)
	}
}
