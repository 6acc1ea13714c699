package play

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/body"
)

// held is how an expectation fared: reason is empty if it held or plainly did
// not, and says why nobody can tell otherwise.
type held struct {
	ok     bool
	reason check.Reason
	found  string
}

var yes = held{ok: true}

func no(format string, args ...any) held { return held{found: fmt.Sprintf(format, args...)} }

func unknown(reason check.Reason, format string, args ...any) held {
	return held{reason: reason, found: fmt.Sprintf(format, args...)}
}

// expectation is one compiled condition on an answer.
type expectation struct {
	text string
	hold func(*session, *check.Response) held
}

// expectations compiles what a step expects, in the order in which it is told.
func expectations(e *check.Expect, compile check.Compiler) []expectation {
	out := []expectation{status(e.Status)}
	for _, h := range e.Headers {
		out = append(out, header(h)...)
	}
	for _, text := range e.Body.Contains {
		out = append(out, contains(text, true))
	}
	for _, text := range e.Body.NotContains {
		out = append(out, contains(text, false))
	}
	for _, text := range e.Body.Matches {
		out = append(out, matches(text, true))
	}
	for _, text := range e.Body.NotMatches {
		out = append(out, matches(text, false))
	}
	for _, j := range e.JSON {
		out = append(out, value(j)...)
	}
	for _, text := range e.CEL {
		out = append(out, expression(text, compile))
	}
	if e.Within > 0 {
		out = append(out, within(e.Within))
	}
	return out
}

func within(most time.Duration) expectation {
	return expectation{fmt.Sprintf("within %s", most), func(_ *session, r *check.Response) held {
		if r.Took > most {
			return no("it took %s", r.Took.Round(time.Millisecond))
		}
		return yes
	}}
}

// status is there even if nothing is expected: a 429 says that undog asks too
// often, which is nobody's fault.
func status(words []string) expectation {
	text := "status " + strings.Join(words, " or ")
	return expectation{text: text, hold: func(_ *session, r *check.Response) held {
		for _, word := range words {
			if word == strconv.Itoa(r.Status) || word[1:] == "xx" && word[0] == byte('0'+r.Status/100) {
				return yes
			}
		}
		if r.Status == 429 {
			return unknown(check.ReasonRateLimited, "the pod asks for patience (429)")
		}
		if len(words) == 0 {
			return yes
		}
		return no("it is %d", r.Status)
	}}
}

func header(h check.HeaderExpect) []expectation {
	name, pattern, never := h.Name, compiled(h.Matches), compiled(h.NotMatches)
	get := func(r *check.Response) (string, bool) {
		values := r.Header.Values(name)
		return strings.Join(values, ", "), len(values) > 0
	}
	var out []expectation
	add := func(text string, hold func(*session, string) held) {
		out = append(out, expectation{text: "header " + name + " " + text, hold: func(s *session, r *check.Response) held {
			value, ok := get(r)
			if !ok {
				return no("there is none")
			}
			return hold(s, value)
		}})
	}
	if h.Absent {
		return []expectation{{text: "no header " + name, hold: func(_ *session, r *check.Response) held {
			if value, ok := get(r); ok {
				return no("it is %s", strconv.Quote(value))
			}
			return yes
		}}}
	}
	if h.Equals != "" {
		add("is "+strconv.Quote(h.Equals), func(s *session, value string) held { return s.equal(h.Equals, value) })
	}
	if pattern != nil {
		add("matches "+h.Matches, func(_ *session, value string) held { return match(pattern, value, true) })
	}
	if never != nil {
		add("does not match "+h.NotMatches, func(_ *session, value string) held { return match(never, value, false) })
	}
	if len(out) == 0 {
		add("is there", func(*session, string) held { return yes })
	}
	return out
}

// equal compares with a text that may hold placeholders.
func (s *session) equal(want, got string) held {
	filled, wrong := s.fill(want)
	switch {
	case wrong != nil:
		return unknown(wrong.reason, "%s", wrong.message)
	case filled != got:
		return no("it is %s", strconv.Quote(got))
	}
	return yes
}

func match(pattern *regexp.Regexp, text string, want bool) held {
	if found := pattern.FindStringIndex(text); (found != nil) == want {
		return yes
	} else if found != nil {
		return no("it has %s", strconv.Quote(text[found[0]:found[1]]))
	}
	return no("it does not")
}

// verb is how a condition on the body and its contrary are told.
func verb(want bool, affirmative, negative string) string {
	if want {
		return affirmative
	}
	return negative
}

// whole says that an answer is not known if the part of the body that was read
// does not settle it.
func whole(h held, r *check.Response, settled bool) held {
	if r.Truncated && !settled {
		return unknown(check.ReasonTooLarge, "the body is longer than the %d bytes that are read", len(r.Body))
	}
	return h
}

func bodyOf(r *check.Response) body.Text {
	return body.Text{Bytes: r.Body, Truncated: r.Truncated, What: "body"}
}

func told(h body.Held) held { return held{ok: h.OK, reason: h.Reason, found: h.Found} }

func contains(text string, want bool) expectation {
	return expectation{
		text: "body " + verb(want, "contains ", "does not contain ") + strconv.Quote(text),
		hold: func(s *session, r *check.Response) held {
			filled, wrong := s.fill(text)
			if wrong != nil {
				return unknown(wrong.reason, "%s", wrong.message)
			}
			return told(body.Contains(bodyOf(r), filled, want))
		},
	}
}

func matches(text string, want bool) expectation {
	pattern := compiled(text)
	return expectation{
		text: "body " + verb(want, "matches ", "does not match ") + text,
		hold: func(_ *session, r *check.Response) held {
			return told(body.Matches(bodyOf(r), pattern, want))
		},
	}
}

func expression(text string, compile check.Compiler) expectation {
	predicate, err := compile(text)
	return expectation{text: text, hold: func(_ *session, r *check.Response) held {
		ok, failed := false, err
		if failed == nil {
			ok, failed = predicate(r)
		}
		switch {
		case failed != nil:
			return unknown(check.ReasonExpression, "it cannot be evaluated: %v", failed)
		case !ok:
			return whole(no("it is false"), r, false)
		}
		return whole(yes, r, false)
	}}
}
