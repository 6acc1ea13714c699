package check

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/undog-dev/undog/watcher/check/placeholder"
)

var (
	checkName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,63}$`)
	valueName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)
	portName  = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$`)
	hostName  = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)
)

// validator walks a check once and notes everything that is wrong.
type validator struct {
	check    *Check
	compile  Compiler
	problems Problems
	// captured says which step captures a name, and seen which of them are
	// known where the walk is.
	captured map[string]int
	seen     map[string]bool
	uses     []Use
}

// Use is a place where a check needs a value of its persona.
type Use struct{ Path, Value string }

// Validate returns Problems with everything that is wrong with a check, or
// nil. compile tries the CEL expressions; without one they are refused.
func Validate(c *Check, compile Compiler) error {
	if v := walk(c, compile); len(v.problems) > 0 {
		return v.problems
	}
	return nil
}

// Uses lists the values that a check needs of its persona, each time it does.
func Uses(c *Check) []Use {
	return walk(c, nil).uses
}

func walk(c *Check, compile Compiler) *validator {
	v := &validator{check: c, compile: compile, captured: map[string]int{}, seen: map[string]bool{}}
	v.head()
	v.kind()
	v.collect()
	for i := range c.Steps {
		if i == MaxSteps {
			break // The number is a problem of its own.
		}
		v.step(i)
	}
	return v
}

func (v *validator) add(path, format string, args ...any) { v.problems.add(path, format, args...) }

// head checks what is not in a step.
func (v *validator) head() {
	c := v.check
	if !checkName.MatchString(c.Name) {
		v.add("name", "%s is not a name; write 1 to 63 letters, digits, '.', '_' or '-'", quote(c.Name))
	}
	if !port(c.Port) {
		v.add("port", "%s is not a port; write a number from 1 to 65535, or the name of a container's port", quote(c.Port))
	}
	if c.Scheme != "" && c.Scheme != "http" && c.Scheme != "https" {
		v.add("scheme", "%s is not a scheme; write http or https", quote(c.Scheme))
	}
	if c.Host != "" && !hostName.MatchString(c.Host) {
		v.add("host", "%s is not a host; write a name such as web.example, with a port if the application expects one", quote(c.Host))
	}
	v.serverName(c)
	if c.Persona != "" && !checkName.MatchString(c.Persona) {
		v.add("persona", "%s is not the name of a persona; write 1 to 63 letters, digits, '.', '_' or '-'", quote(c.Persona))
	}
	v.headers("headers", c.Headers)
	v.timeout("timeout", c.Timeout)
	if c.BodyLimit < 0 || c.BodyLimit > MaxBody {
		v.add("bodyLimit", "%d is not a limit; write 1 to %d bytes, or leave it out for %d", c.BodyLimit, MaxBody, DefaultBody)
	}
	if n := len(c.Steps); n > MaxSteps {
		v.add("steps", "are %d; at most %d are played, write several checks", n, MaxSteps)
	}
}

// port tells whether a port can be one.
func port(s string) bool {
	n, err := strconv.Atoi(s)
	return s == "" || portName.MatchString(s) && (err != nil || n >= 1 && n <= 65535)
}

func (v *validator) serverName(c *Check) {
	switch {
	case c.ServerName == "":
	case !hostName.MatchString(c.ServerName) || strings.Contains(c.ServerName, ":"):
		v.add("serverName", "%s is not a server name; write a DNS name such as web.example", quote(c.ServerName))
	case c.Scheme != "https":
		v.add("serverName", "%s needs TLS; write scheme: https too", quote(c.ServerName))
	}
}

func (v *validator) timeout(path string, d time.Duration) {
	switch {
	case d == 0:
	case d < minTimeout:
		v.add(path, "%s is shorter than %s; write a duration with its unit, such as 10s", d, minTimeout)
	case d > MaxTimeout:
		v.add(path, "%s is longer than %s; write less, or several checks", d, MaxTimeout)
	}
}

// within checks the time in which a step must be answered: one that is longer
// than the step may take could never be missed.
func (v *validator) within(path string, s *Step) {
	most := cmp.Or(s.Timeout, DefaultStepTimeout)
	switch d := s.Expect.Within; {
	case d == 0:
	case d < minTimeout:
		v.add(path, "%s is shorter than %s; write a duration with its unit, such as 2s", d, minTimeout)
	case d > most:
		v.add(path, "%s is longer than the %s that the step may take; write less, or give the step a longer timeout", d, most)
	}
}

// collect notes where each capture is made, so that a use before it can say so.
func (v *validator) collect() {
	total := 0
	for i, s := range v.check.Steps {
		for j, c := range s.Captures {
			if _, ok := v.captured[c.Name]; ok {
				v.add(at("steps", i)+"."+at("captures", j)+".name", "%s is captured twice; give each capture its own name", quote(c.Name))
			}
			v.captured[c.Name] = i
			total++
		}
	}
	if total > MaxCaptures {
		v.add("steps", "capture %d values; at most %d are kept", total, MaxCaptures)
	}
}

func (v *validator) step(i int) {
	s, path := &v.check.Steps[i], at("steps", i)
	if len(s.Name) > 63 || strings.ContainsFunc(s.Name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		v.add(path+".name", "%s is not a name for a step; write up to 63 printable characters", quote(s.Name))
	}
	v.timeout(path+".timeout", s.Timeout)
	switch {
	case s.Request == nil && s.Submit == nil:
		v.add(path, "sends nothing; give it a request or a submit")
	case s.Request != nil && s.Submit != nil:
		v.add(path, "has both a request and a submit; keep one, or make two steps of it")
	}
	if s.Request != nil {
		v.request(path+".request", s.Request)
	}
	if s.Submit != nil {
		if i == 0 {
			v.add(path+".submit", "is in the first step, where there is no page yet; request the page with the form first")
		}
		v.submit(path+".submit", s.Submit)
	}
	for j, c := range s.Captures {
		v.capture(path+"."+at("captures", j), c)
	}
	v.expect(path+".expect", &s.Expect)
	v.within(path+".expect.within", s)
	for _, c := range s.Captures {
		v.seen[c.Name] = true
	}
}

// text checks a value that may hold placeholders.
func (v *validator) text(path, s string) {
	if len(s) > MaxText {
		v.add(path, "is %d bytes long; at most %d are sent", len(s), MaxText)
		return
	}
	t, err := placeholder.Parse(s)
	if err != nil {
		v.add(path, "%v", err)
		return
	}
	for _, ref := range t.Refs() {
		v.ref(path, ref)
	}
}

func (v *validator) ref(path string, ref placeholder.Ref) {
	if ref.Scope == placeholder.Persona {
		if v.check.Persona == "" {
			v.add(path, "{{ .persona.%s }} needs a persona; name one in persona", ref.Name)
		}
		v.uses = append(v.uses, Use{path, ref.Name})
		return
	}
	step, ok := v.captured[ref.Name]
	switch {
	case !ok:
		v.add(path, "{{ .captures.%s }} is never captured; add it to the captures of an earlier step", ref.Name)
	case !v.seen[ref.Name]:
		v.add(path, "{{ .captures.%s }} is captured by steps[%d], which is not before this; move that step up", ref.Name, step)
	}
}
