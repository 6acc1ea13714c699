package expression

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/undog-dev/undog/watcher/check"
)

// activation gives an evaluation the variables it asks for, and decodes the
// body only if it is asked for.
type activation struct {
	r       *check.Response
	headers map[string]string
	body    *string
	json    ref.Val
	// wrong is why there is no json.
	wrong error
}

// Parent is nil: nothing is inherited.
func (a *activation) Parent() cel.Activation { return nil }

// ResolveName returns the value of a variable.
func (a *activation) ResolveName(name string) (any, bool) {
	switch name {
	case "status":
		return a.r.Status, true
	case "took":
		return a.r.Took, true
	case "headers":
		if a.headers == nil {
			a.headers = make(map[string]string, len(a.r.Header))
			for name, values := range a.r.Header {
				a.headers[strings.ToLower(name)] = text(strings.Join(values, ", "))
			}
		}
		return a.headers, true
	case "body":
		if a.body == nil {
			body := text(string(a.r.Body))
			a.body = &body
		}
		return *a.body, true
	case "json":
		if a.json == nil && a.wrong == nil {
			a.decode()
		}
		return a.json, a.wrong == nil
	}
	return nil, false
}

// text makes a text of whatever a pod sent.
func text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// decode reads the body. The decoder's own error could quote it.
func (a *activation) decode() {
	decoded, err := a.r.JSON()
	if err != nil {
		a.wrong = errors.New("the body is not JSON")
		return
	}
	a.json = value(decoded)
}

// value makes a value of the language of one of JSON.
func value(decoded any) ref.Val {
	switch decoded := decoded.(type) {
	case bool:
		return types.Bool(decoded)
	case string:
		return types.String(text(decoded))
	case json.Number:
		if whole, err := decoded.Int64(); err == nil {
			return types.Int(whole)
		}
		number, err := decoded.Float64()
		if err != nil {
			return types.NewErr("a number of the body is too large")
		}
		return types.Double(number)
	case []any:
		items := make([]ref.Val, len(decoded))
		for i, item := range decoded {
			items[i] = value(item)
		}
		return types.NewRefValList(types.DefaultTypeAdapter, items)
	case map[string]any:
		fields := make(map[ref.Val]ref.Val, len(decoded))
		for name, item := range decoded {
			fields[types.String(text(name))] = value(item)
		}
		return object{types.NewRefValMap(types.DefaultTypeAdapter, fields), slices.Sorted(maps.Keys(decoded))}
	}
	return types.NullValue
}

// object is a map that is gone through in the order of its keys, so that the
// same body gives the same answer.
type object struct {
	traits.Mapper
	keys []string
}

// Iterator implements traits.Iterable.
func (o object) Iterator() traits.Iterator {
	keys := make([]ref.Val, len(o.keys))
	for i, key := range o.keys {
		keys[i] = types.String(text(key))
	}
	return types.NewRefValList(types.DefaultTypeAdapter, keys).Iterator()
}
