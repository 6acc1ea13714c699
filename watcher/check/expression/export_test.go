package expression

import (
	"maps"
	"slices"
)

// Variables are the names that an expression can use.
func Variables() []string { return slices.Sorted(maps.Keys(variables)) }
