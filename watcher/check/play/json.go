package play

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/jsonpath"
)

// value compiles a condition on a value of a JSON body.
func value(j check.JSONExpect) []expectation {
	path, _ := jsonpath.Parse(j.Path) // It was parsed before.
	var out []expectation
	add := func(text string, hold func(*session, any) held) {
		out = append(out, expectation{text: j.Path + " " + text, hold: func(s *session, r *check.Response) held {
			v, ok, wrong := find(r, path)
			switch {
			case wrong.found != "":
				return wrong
			case !ok && !j.Absent:
				return no("there is none")
			case j.Absent && ok:
				return no("it is %s", plain(v))
			}
			return hold(s, v)
		}})
	}
	fine := func(*session, any) held { return yes }
	if j.Absent {
		add("is absent", fine)
	}
	if j.Type != "" {
		add("is of type "+j.Type, func(_ *session, v any) held {
			if kind := typeOf(v); kind != j.Type {
				return no("it is of type %s", kind)
			}
			return yes
		})
	}
	if j.NotEmpty {
		add("is not empty", func(_ *session, v any) held {
			switch text := plain(v); text {
			case "", "null", "[]", "{}":
				return no("it is %s", strconv.Quote(text))
			}
			return yes
		})
	}
	if j.Equals != nil {
		add("is "+strconv.Quote(*j.Equals), func(s *session, v any) held { return s.equal(*j.Equals, plain(v)) })
	}
	if pattern := compiled(j.Matches); pattern != nil {
		add("matches "+j.Matches, func(_ *session, v any) held { return match(pattern, plain(v), true) })
	}
	if len(out) == 0 {
		add("is there", fine)
	}
	return out
}

// find reads a value out of a body.
func find(r *check.Response, path jsonpath.Path) (v any, ok bool, wrong held) {
	document, err := r.JSON()
	switch {
	case err != nil && r.Truncated:
		return nil, false, unknown(check.ReasonTooLarge, "the body is longer than the %d bytes that are read", len(r.Body))
	case err != nil:
		return nil, false, no("the body is not JSON")
	}
	v, ok = path.Find(document)
	return v, ok, held{}
}

// plain is a value as text: a string without its quotes.
func plain(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

func typeOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case json.Number:
		return "number"
	case []any:
		return "array"
	default:
		return "object"
	}
}
