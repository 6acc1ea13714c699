package cel

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/types"

	"github.com/undog-dev/undog/policy"
)

// The bounds of an expression.
const (
	// maxLength is in bytes; one that needs more belongs into a rule.
	maxLength = 4096
	// maxCost bounds an evaluation to a few milliseconds, in cel-go's units of
	// roughly one operation each.
	maxCost = 100_000
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

// variables are what an expression can name, with their types.
var variables = map[string]*types.Type{
	"changes":  types.NewListType(object[policy.Change]()),
	"finding":  object[Finding](),
	"old":      object[Revision](),
	"revision": object[Revision](),
	"rollout":  object[Rollout](),
	"workload": object[Workload](),
}

// object is the type that the language knows a Go struct by.
func object[T any]() *types.Type { return types.NewObjectType(reflect.TypeFor[T]().String()) }

// environment makes the language once: it takes milliseconds and never changes.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	standard := env.NewLibrarySubset()
	for _, name := range leftOut {
		standard.AddExcludedFunctions(env.NewFunction(name))
	}
	named := types.ParseStructField(fieldName)
	options := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(standard)),
		cel.HomogeneousAggregateLiterals(),
		cel.ParserExpressionSizeLimit(maxLength),
		cel.ParserRecursionLimit(maxDepth),
		cel.ParserErrorRecoveryLimit(4),
		cel.ExpressionNodeLimit(maxNodes),
		cel.RegexProgramSizeLimit(maxRegexp),
		cel.ASTValidators(cel.ValidateDurationLiterals(), cel.ValidateRegexLiterals()),
		cel.Types(
			cel.NativeTypeFor[Workload](named), cel.NativeTypeFor[Revision](named), cel.NativeTypeFor[Finding](named),
			cel.NativeTypeFor[Rollout](named), cel.NativeTypeFor[policy.Failure](named), cel.NativeTypeFor[policy.Change](named),
		),
	}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		options = append(options, cel.Variable(name, variables[name]))
	}
	made, err := cel.NewCustomEnv(options...)
	if err != nil {
		return nil, fmt.Errorf("make the expression language: %w", err)
	}
	return made, nil
})
