package cel

import (
	"errors"
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/undog-dev/undog/policy"
)

// Compile makes a condition of an expression. The error is an *Error with
// everything that is wrong with it.
func Compile(expression string) (policy.Predicate, error) {
	program, err := compile(expression)
	if err != nil {
		return nil, err
	}
	return func(c *policy.Case, f policy.Finding) (bool, error) {
		out, _, err := program.Eval(&activation{c: c, f: &f})
		if err != nil {
			return false, errors.New(plain(err))
		}
		// The type was checked, but a value that is not known is of any type.
		yes, ok := out.(types.Bool)
		if !ok {
			return false, fmt.Errorf("the answer is neither true nor false but %s", out.Type().TypeName())
		}
		return bool(yes), nil
	}, nil
}

func compile(expression string) (cel.Program, error) {
	language, err := environment()
	if err != nil {
		return nil, err
	}
	switch {
	case len(expression) > maxLength:
		return nil, whole("is longer than %d bytes; write less, or several policies", maxLength)
	case strings.TrimSpace(expression) == "":
		return nil, whole("is empty; write a condition such as finding.failures.exists(f, f.exitCode == 1)")
	}
	parsed, issues := language.Compile(expression)
	if issues.Err() != nil {
		return nil, faults(issues)
	}
	if parsed.OutputType() != types.BoolType {
		return nil, whole("is %s, not true or false; compare it with something", article(parsed.OutputType()))
	}
	if err := restrict(parsed); err != nil {
		return nil, err
	}
	program, err := language.Program(parsed, cel.CostLimit(maxCost), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, whole("%s", clip(err.Error()))
	}
	return program, nil
}

// plain cuts an error of an evaluation to its words. They end up in an event.
func plain(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	if strings.Contains(text, "cost limit exceeded") {
		return fmt.Sprintf("it costs more than %d operations", maxCost)
	}
	return clip(text)
}

// article names a type for people.
func article(t *types.Type) string {
	switch t.Kind() {
	case types.IntKind, types.UintKind, types.DoubleKind:
		return "a number"
	case types.StringKind:
		return "a text"
	case types.ListKind:
		return "a list"
	case types.DurationKind:
		return "a duration"
	default:
		return "a " + t.String()
	}
}
