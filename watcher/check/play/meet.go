package play

import (
	"strings"

	"github.com/undog-dev/undog/watcher/check"
)

// meet looks at every expectation of a step, so that all of them can be shown.
// The first that plainly did not hold decides; one of which nobody can tell
// decides only if there is none.
func (s *session) meet(step *script, r *check.Response, x *Exchange) *failure {
	var failed, open *failure
	for _, e := range step.expect {
		h := e.hold(s, r)
		if e.text == "status " && h.ok {
			continue // Nothing was expected of it.
		}
		text := strings.TrimSpace(e.text)
		x.Expectations = append(x.Expectations, Expectation{
			Text: s.show(text, maxMessage), Held: h.ok, Reason: h.reason, Message: s.show(h.found, maxMessage),
		})
		switch {
		case h.ok:
		case h.reason != "" && open == nil:
			open = &failure{check.Inconclusive, h.reason, s.show(text, maxMessage), h.found}
		case h.reason == "" && failed == nil:
			failed = &failure{check.Failed, check.ReasonExpectation, s.show(text, maxMessage), text + ": " + h.found}
		}
	}
	// A pod that asks for patience answers with a page of its own.
	if open != nil && open.reason == check.ReasonRateLimited || failed == nil {
		return open
	}
	return failed
}

// keep captures what later steps need.
func (s *session) keep(step *script, r *check.Response, x *Exchange) *failure {
	for _, c := range step.captures {
		v, ok := c.find(r)
		switch {
		case !ok && r.Truncated:
			return inconclusive(check.ReasonTooLarge, "%s was not found in the %d bytes that are read", c.Name, len(r.Body))
		case !ok:
			return inconclusive(check.ReasonCapture, "%s was not found in the answer to %s (status %d)", c.Name, bare(r.Path), r.Status)
		case len(v) > check.MaxCapture:
			return inconclusive(check.ReasonCapture, "%s is %d bytes long; at most %d are kept", c.Name, len(v), check.MaxCapture)
		}
		s.captured[c.Name] = v
		told := Captured{Name: c.Name, Length: len(v)}
		if c.Reveal {
			told.Value = s.show(v, maxMessage)
		}
		x.Captures = append(x.Captures, told)
	}
	return nil
}

// find returns the value, and whether there is one. An empty value is none.
func (c *capture) find(r *check.Response) (string, bool) {
	switch {
	case c.regex != nil:
		m := c.regex.FindSubmatch(r.Body)
		if m == nil {
			return "", false
		}
		if len(m) > 1 {
			return string(m[1]), len(m[1]) > 0
		}
		return string(m[0]), len(m[0]) > 0
	case c.Header != "":
		v := r.Header.Get(c.Header)
		return v, v != ""
	}
	document, err := r.JSON()
	if err != nil {
		return "", false
	}
	v, ok := c.path.Find(document)
	switch v.(type) {
	case map[string]any, []any, nil:
		return "", false
	}
	return plain(v), ok && plain(v) != ""
}
