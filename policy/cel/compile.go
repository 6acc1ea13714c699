package cel

import (
	"errors"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/cel/language"
)

// Compile makes a condition of an expression. The error is an *Error with
// everything that is wrong with it.
func Compile(expression string) (policy.Predicate, error) {
	l, err := dialect()
	if err != nil {
		return nil, err
	}
	program, err := l.Compile(expression)
	if err != nil {
		return nil, err
	}
	return func(c *policy.Case, f policy.Finding) (bool, error) {
		out, _, err := program.Eval(&activation{c: c, f: &f})
		if err != nil {
			return false, errors.New(l.Plain(err)) // It ends up in an event.
		}
		return language.Truth(out)
	}, nil
}
