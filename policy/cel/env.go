package cel

import (
	"reflect"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/cel/language"
)

// maxCost bounds an evaluation to a few milliseconds, in cel-go's units of
// roughly one operation each.
const maxCost = 100_000

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

// dialect makes the language once: it takes milliseconds and never changes.
var dialect = sync.OnceValues(func() (*language.Language, error) {
	named := types.ParseStructField(fieldName)
	return language.New(language.Options{
		Variables: variables,
		Types: []any{
			cel.NativeTypeFor[Workload](named), cel.NativeTypeFor[Revision](named), cel.NativeTypeFor[Finding](named),
			cel.NativeTypeFor[Rollout](named), cel.NativeTypeFor[policy.Failure](named), cel.NativeTypeFor[policy.Change](named),
		},
		Fields:  words().fields,
		MaxCost: maxCost,
		Sizes:   sizes{},
		Example: "finding.failures.exists(f, f.exitCode == 1)",
		Key:     `"tier" in workload.labels`,
		Less:    "several policies",
		WayOut:  "; examples/undog.yaml says which has what",
	})
})
