package cel

import (
	"maps"
	"reflect"
	"slices"
	"sync"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/cel/language"
)

// Error is everything that is wrong with an expression.
type Error = language.Error

// Fault is one thing that is wrong with an expression.
type Fault = language.Fault

type vocabulary struct{ names, fields []string }

// words are all names and fields, each sorted.
var words = sync.OnceValue(func() vocabulary {
	fields := map[string]bool{}
	for _, t := range []reflect.Type{
		reflect.TypeFor[Workload](), reflect.TypeFor[Revision](), reflect.TypeFor[Finding](), reflect.TypeFor[Rollout](),
		reflect.TypeFor[policy.Failure](), reflect.TypeFor[policy.Change](),
	} {
		for f := range t.Fields() {
			if name := fieldName(f); name != "-" {
				fields[name] = true
			}
		}
	}
	return vocabulary{
		names:  slices.Sorted(maps.Keys(variables)),
		fields: slices.Sorted(maps.Keys(fields)),
	}
})
