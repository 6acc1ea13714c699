package main

import (
	"errors"
	"fmt"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy/cel"
	"github.com/undog-dev/undog/watcher/check/expression"
)

// compilers check the expressions of a configuration, which cannot.
var compilers = config.Compilers{Condition: condition, Response: expression.Compile}

// condition compiles an expression for the configuration, which cannot, to say
// what is wrong with it and where.
func condition(text string) []config.Fault {
	_, err := cel.Compile(text)
	var wrong *cel.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &wrong):
		return []config.Fault{{Line: 1, Text: err.Error()}}
	}
	faults := make([]config.Fault, len(wrong.Faults))
	for i, f := range wrong.Faults {
		faults[i] = config.Fault{Line: f.Line, Text: fmt.Sprintf("%s (line %d, column %d of the condition)", f.Text, f.Line, f.Column)}
	}
	return faults
}
