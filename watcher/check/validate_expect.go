package check

import (
	"regexp"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/undog-dev/undog/watcher/check/jsonpath"
)

var (
	statusWord = regexp.MustCompile(`^[1-5]([0-9][0-9]|xx)$`)
	jsonType   = regexp.MustCompile(`^(string|number|boolean|null|array|object)$`)
)

func (v *validator) capture(path string, c Capture) {
	if !valueName.MatchString(c.Name) {
		v.add(path+".name", "%s is not a name; write a letter and up to 62 letters, digits or '_'", quote(c.Name))
	}
	given := 0
	for _, s := range []string{c.Regex, c.JSON, c.Header} {
		if s != "" {
			given++
		}
	}
	if given != 1 {
		v.add(path, "has %d sources; give it exactly one of regex, json and header", given)
	}
	v.regex(path+".regex", c.Regex)
	v.jsonPath(path+".json", c.JSON)
	if c.Header != "" && !httpguts.ValidHeaderFieldName(c.Header) {
		v.add(path+".header", "%s is not the name of a header", quote(c.Header))
	}
}

func (v *validator) regex(path, s string) {
	if s == "" {
		return
	}
	if len(s) > MaxExpression {
		v.add(path, "is %d bytes long; at most %d are compiled", len(s), MaxExpression)
	} else if _, err := regexp.Compile(s); err != nil {
		v.add(path, "%s does not compile: %s; it must be RE2, which has no look-around and no back-references",
			quote(s), strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
}

func (v *validator) jsonPath(path, s string) {
	if s == "" {
		return
	}
	if len(s) > MaxExpression {
		v.add(path, "is %d bytes long; at most %d are read", len(s), MaxExpression)
	} else if _, err := jsonpath.Parse(s); err != nil {
		v.add(path, "%s %v", quote(s), err)
	}
}

func (v *validator) expect(path string, e *Expect) {
	v.number(path, len(e.Headers)+len(e.JSON)+len(e.CEL)+e.Body.Len(), MaxExpectations)
	v.number(path+".status", len(e.Status), MaxExpectations)
	for i, s := range e.Status {
		if !statusWord.MatchString(s) {
			v.add(path+"."+at("status", i), "%s is not a status; write a code such as 200 or a class such as 2xx", quote(s))
		}
	}
	for i, h := range e.Headers {
		v.headerExpect(path+"."+at("headers", i), h)
	}
	v.conditions(path+".body", &e.Body, v.text)
	for i, j := range e.JSON {
		v.jsonExpect(path+"."+at("json", i), j)
	}
	for i, expression := range e.CEL {
		v.cel(path+"."+at("cel", i), expression)
	}
}

// Len is the number of conditions.
func (b *BodyExpect) Len() int {
	return len(b.Contains) + len(b.NotContains) + len(b.Matches) + len(b.NotMatches)
}

// conditions checks what a text must be like; text checks each one it may hold.
func (v *validator) conditions(path string, b *BodyExpect, text func(path, s string)) {
	v.texts(path+".contains", b.Contains, text)
	v.texts(path+".notContains", b.NotContains, text)
	v.regexes(path+".matches", b.Matches)
	v.regexes(path+".notMatches", b.NotMatches)
}

func (v *validator) texts(path string, texts []string, text func(path, s string)) {
	for i, s := range texts {
		if s == "" {
			v.add(at(path, i), "is empty, which every body contains; write a text or remove it")
			continue
		}
		text(at(path, i), s)
	}
}

func (v *validator) regexes(path string, expressions []string) {
	for i, s := range expressions {
		if s == "" {
			v.add(at(path, i), "is empty, which every body matches; write a regular expression or remove it")
		}
		v.regex(at(path, i), s)
	}
}

func (v *validator) headerExpect(path string, h HeaderExpect) {
	if !httpguts.ValidHeaderFieldName(h.Name) {
		v.add(path+".name", "%s is not the name of a header", quote(h.Name))
	}
	if h.Absent && (h.Equals != "" || h.Matches != "" || h.NotMatches != "") {
		v.add(path+".absent", "contradicts the other conditions; remove it or them")
	}
	v.text(path+".equals", h.Equals)
	v.regex(path+".matches", h.Matches)
	v.regex(path+".notMatches", h.NotMatches)
}

func (v *validator) jsonExpect(path string, j JSONExpect) {
	if j.Path == "" {
		v.add(path+".path", "is empty; write a path such as $.user.name")
	}
	v.jsonPath(path+".path", j.Path)
	if j.Type != "" && !jsonType.MatchString(j.Type) {
		v.add(path+".type", "%s is not a type; write string, number, boolean, null, array or object", quote(j.Type))
	}
	if j.Absent && (j.Equals != nil || j.Matches != "" || j.Type != "" || j.NotEmpty) {
		v.add(path+".absent", "contradicts the other conditions; remove it or them")
	}
	if j.Equals != nil {
		v.text(path+".equals", *j.Equals)
	}
	v.regex(path+".matches", j.Matches)
}

func (v *validator) cel(path, expression string) {
	switch {
	case v.compile == nil:
		v.add(path, "expressions cannot be used here; write conditions on status, headers, body and json")
	case len(expression) > 4*MaxExpression:
		v.add(path, "is %d bytes long; at most %d are compiled", len(expression), 4*MaxExpression)
	default:
		if _, err := v.compile(expression); err != nil {
			v.add(path, "%v", err)
		}
	}
}
