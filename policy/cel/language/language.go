package language

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// The bounds of every expression.
const (
	// maxLength is in bytes.
	maxLength = 4096
	// maxNodes and maxDepth bound what the parser builds, macros unfolded.
	maxNodes = 2000
	maxDepth = 40
	// maxRegexp bounds the program that a regular expression compiles to.
	maxRegexp = 2000
)

// leftOut are the functions that read the time zones of the machine, that
// make a time where there is none to compare with, or that hide a type.
var leftOut = []string{
	"timestamp", "getFullYear", "getMonth", "getDayOfYear", "getDayOfMonth", "getDate", "getDayOfWeek",
	"getHours", "getMinutes", "getSeconds", "getMilliseconds", "dyn",
}

// Options say what the expressions of a language are about.
type Options struct {
	// Variables are what an expression can name.
	Variables map[string]*types.Type
	// Types are the objects among them.
	Types []any
	// Fields are the names of the fields of all objects, sorted.
	Fields []string
	// MaxCost bounds an evaluation, in cel-go's units of roughly one operation
	// each; Sizes says how long lists and texts are expected to be.
	MaxCost uint64
	Sizes   cost.Estimator
	// Example is an expression, Key one that asks for a key of a map.
	Example, Key string
	// Less is what else to do about one that is too long, WayOut where to read
	// which names there are.
	Less, WayOut string
}

// Language compiles expressions.
type Language struct {
	env *cel.Env
	o   Options
}

// New makes a language. It takes milliseconds; make each once.
func New(o Options) (*Language, error) {
	standard := env.NewLibrarySubset()
	for _, name := range leftOut {
		standard.AddExcludedFunctions(env.NewFunction(name))
	}
	options := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(standard)),
		cel.HomogeneousAggregateLiterals(),
		cel.ParserExpressionSizeLimit(maxLength),
		cel.ParserRecursionLimit(maxDepth),
		cel.ParserErrorRecoveryLimit(4),
		cel.ExpressionNodeLimit(maxNodes),
		cel.RegexProgramSizeLimit(maxRegexp),
		cel.ASTValidators(cel.ValidateDurationLiterals(), cel.ValidateRegexLiterals()),
		cel.Types(o.Types...),
	}
	l := &Language{o: o}
	for _, name := range l.names() {
		options = append(options, cel.Variable(name, o.Variables[name]))
	}
	made, err := cel.NewCustomEnv(options...)
	if err != nil {
		return nil, fmt.Errorf("make the expression language: %w", err)
	}
	l.env = made
	return l, nil
}

// names are those of the variables.
func (l *Language) names() []string { return slices.Sorted(maps.Keys(l.o.Variables)) }

// Compile makes a program of an expression that is true or false. The error is
// an *Error with everything that is wrong with it.
func (l *Language) Compile(expression string) (cel.Program, error) {
	switch {
	case len(expression) > maxLength:
		return nil, whole("is longer than %d bytes; write less, or %s", maxLength, l.o.Less)
	case strings.TrimSpace(expression) == "":
		return nil, whole("is empty; write a condition such as %s", l.o.Example)
	}
	parsed, issues := l.env.Compile(expression)
	if issues.Err() != nil {
		return nil, l.faults(issues)
	}
	if parsed.OutputType() != types.BoolType {
		return nil, whole("is %s, not true or false; compare it with something", article(parsed.OutputType()))
	}
	if err := l.restrict(parsed); err != nil {
		return nil, err
	}
	program, err := l.env.Program(parsed, cel.CostLimit(l.o.MaxCost), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, whole("%s", clip(err.Error()))
	}
	return program, nil
}

// Truth is the answer of an evaluation. The type was checked, but a value that
// is not known is of any type.
func Truth(out ref.Val) (bool, error) {
	yes, ok := out.(types.Bool)
	if !ok {
		return false, fmt.Errorf("the answer is neither true nor false but %s", out.Type().TypeName())
	}
	return bool(yes), nil
}

// Plain cuts an error of an evaluation to its first line. It may hold what was
// evaluated.
func (l *Language) Plain(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	if strings.Contains(text, "cost limit exceeded") {
		return fmt.Sprintf("it costs more than %d operations", l.o.MaxCost)
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
	case types.DynKind:
		return "a value of any type"
	default:
		return "a " + t.String()
	}
}
