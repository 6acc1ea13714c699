package expression

import (
	"errors"
	"strings"
	"sync"

	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"

	"github.com/undog-dev/undog/policy/cel/language"
	"github.com/undog-dev/undog/watcher/check"
)

// maxCost bounds an evaluation to a second at worst: a body of the usual
// limit may be searched a few times.
const maxCost = 2_000_000

// variables are what an expression can name, with their types.
var variables = map[string]*types.Type{
	"status":  types.IntType,
	"headers": types.NewMapType(types.StringType, types.StringType),
	"body":    types.StringType,
	"json":    types.DynType,
	"took":    types.DurationType,
}

var dialect = sync.OnceValues(func() (*language.Language, error) {
	return language.New(language.Options{
		Variables: variables,
		MaxCost:   maxCost,
		Sizes:     sizes{},
		Example:   "status == 200",
		Key:       `"x-debug" in headers`,
		Less:      "several expressions",
	})
})

// Compile makes a condition of an expression. It is a check.Compiler.
func Compile(text string) (check.Predicate, error) {
	l, err := dialect()
	if err != nil {
		return nil, err
	}
	program, err := l.Compile(text)
	var wrong *language.Error
	switch {
	case errors.As(err, &wrong):
		return nil, errors.New(strings.ReplaceAll(wrong.Error(), "\n", "; "))
	case err != nil:
		return nil, err
	}
	return func(r *check.Response) (bool, error) {
		a := &activation{r: r}
		out, _, err := program.Eval(a)
		switch {
		case err != nil && a.wrong != nil:
			return false, a.wrong
		case err != nil:
			return false, errors.New(discreet(l.Plain(err), text))
		}
		return language.Truth(out)
	}, nil
}

// discreet leaves out of an error what is not in the expression itself: it may
// be of the response.
func discreet(message, text string) string {
	for _, known := range []string{"it costs more than", "division by zero", "modulus by zero", "no such overload"} {
		if strings.HasPrefix(message, known) {
			return message
		}
	}
	switch key, found := strings.CutPrefix(message, "no such key: "); {
	case found && strings.Contains(text, key):
		return "there is no " + key
	case found:
		return "a key is not there"
	case strings.Contains(message, "index out of bounds"):
		return "a list is shorter than its index"
	}
	return "a value is not of the form that it needs"
}

// sizes tells the estimate how long the parts of a response usually are. What
// is longer in truth is stopped by the count at run time.
type sizes struct{}

// The usual sizes: a header, the items of a list, and the body of the limit that
// a check has if it says nothing.
const (
	usualHeader = 256
	usualItems  = 200
	usualBody   = check.DefaultBody
)

// EstimateSize implements cost.Estimator.
func (sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	switch path := n.Path(); {
	case len(path) == 0:
		return nil
	case path[0] == "body":
		return &cost.SizeEstimate{Max: usualBody}
	case path[0] == "headers":
		return &cost.SizeEstimate{Max: usualHeader}
	case path[0] == "json":
		return &cost.SizeEstimate{Max: usualItems}
	}
	return nil
}

// EstimateCallCost implements cost.Estimator: the usual costs will do.
func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}
