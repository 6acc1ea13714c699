package config

import (
	yaml "go.yaml.in/yaml/v3"

	"github.com/undog-dev/undog/watcher/check"
)

// Compilers say what is wrong with expressions. Whoever reads a file brings
// them, since config compiles nothing.
type Compilers struct {
	// Condition checks the conditions of rules; nil takes them as they are.
	Condition Expression
	// Response checks what checks expect of a response; nil takes it as it is.
	Response check.Compiler
}

// Expression says what is wrong with the condition of a rule; nothing if it is
// fine.
type Expression func(text string) []Fault

// Fault is one thing that is wrong with an expression.
type Fault struct {
	// Line is the line of the expression, counted from 1.
	Line int
	Text string
}

// condition reports what is wrong with an expression, with lines of the file.
func (d *decoder) condition(n *yaml.Node, at path) {
	if d.compilers.Condition == nil {
		return
	}
	for _, fault := range d.compilers.Condition(n.Value) {
		where := *n
		if n.Style&yaml.LiteralStyle != 0 {
			where.Line += max(fault.Line, 1) // The text begins below the '|'.
		}
		d.problem(&where, at, "%s", fault.Text)
	}
}
