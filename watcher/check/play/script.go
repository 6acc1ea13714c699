package play

import (
	"regexp"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/jsonpath"
)

// script is a step made ready.
type script struct {
	*check.Step
	label    string
	captures []capture
	expect   []expectation
}

// capture is a compiled Capture.
type capture struct {
	check.Capture
	regex *regexp.Regexp
	path  jsonpath.Path
}

// newScript compiles a step that was validated before.
func newScript(s *check.Step, i int, compile check.Compiler) script {
	out := script{Step: s, label: s.Label(i), expect: expectations(&s.Expect, compile)}
	for _, c := range s.Captures {
		made := capture{Capture: c, regex: compiled(c.Regex)}
		if c.JSON != "" {
			made.path, _ = jsonpath.Parse(c.JSON) // It was parsed before.
		}
		out.captures = append(out.captures, made)
	}
	return out
}

// compiled is nil for an empty expression.
func compiled(expression string) *regexp.Regexp {
	if expression == "" {
		return nil
	}
	return regexp.MustCompile(expression)
}
