package check

import (
	"regexp"
	"strings"

	"github.com/undog-dev/undog/watcher/check/placeholder"
)

var (
	containerName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	// credential recognises one that is written out: --token=abc, and not
	// --token=$TOKEN.
	credential = regexp.MustCompile(`(?i)(password|passwd|secret|token|api[_-]?key)["']?=["']?[^\s"'$<]`)
)

// kind checks that a check is one thing, and that thing unless it is steps.
func (v *validator) kind() {
	c := v.check
	var given []string
	for _, kind := range []struct {
		key   string
		given bool
	}{{"steps", len(c.Steps) > 0}, {"exec", c.Exec != nil}, {"log", c.Log != nil}, {"metric", c.Metric != nil}} {
		if kind.given {
			given = append(given, kind.key)
		}
	}
	if len(given) == 0 {
		v.add("steps", "there is none; add one such as - request: {path: /}, or write exec, log or metric")
		return
	}
	for _, key := range given[1:] {
		v.add(key, "is one kind of check too many, there is %s already; write two checks", given[0])
	}
	if len(c.Steps) == 0 {
		v.requestsOnly(given[0])
	}
	if c.Exec != nil {
		v.exec(c.Exec)
	}
	if c.Log != nil {
		v.log(c.Log)
	}
	if c.Metric != nil {
		v.metric(c.Metric)
	}
}

// requestsOnly refuses what has no meaning without a request.
func (v *validator) requestsOnly(kind string) {
	c := v.check
	for _, key := range []struct {
		name  string
		given bool
	}{
		{"port", c.Port != ""},
		{"scheme", c.Scheme != ""},
		{"host", c.Host != ""},
		{"serverName", c.ServerName != ""},
		{"headers", len(c.Headers) > 0},
		{"persona", c.Persona != ""},
		{"bodyLimit", c.BodyLimit != 0},
	} {
		if key.given {
			v.add(key.name, "is for requests, and %s sends none; remove it, or write steps instead of %s", kind, kind)
		}
	}
}

func (v *validator) container(path, name string) {
	if name != "" && !containerName.MatchString(name) {
		v.add(path, "%s is not the name of a container; write up to 63 lower-case letters, digits or '-'", quote(name))
	}
}

func (v *validator) exec(e *Exec) {
	v.container("exec.container", e.Container)
	if len(e.Command) == 0 || e.Command[0] == "" {
		v.add("exec.command", "is empty; write a program and its arguments, such as [python, manage.py, check]")
	}
	v.number("exec.command", len(e.Command), MaxFields)
	for i, argument := range e.Command {
		path := at("exec.command", i)
		switch {
		case len(argument) > MaxText:
			v.add(path, "is %d bytes long; at most %d are sent", len(argument), MaxText)
		case strings.ContainsRune(argument, 0):
			v.add(path, "holds a NUL character, which no argument can")
		case credential.MatchString(argument):
			v.add(path, "has a credential in the text of the check; let the command take it from the container's own environment")
		default:
			v.literal(path, argument)
		}
	}
	v.number("exec.exitCodes", len(e.ExitCodes), MaxExpectations)
	for i, code := range e.ExitCodes {
		if code < 0 || code > 255 {
			v.add(at("exec.exitCodes", i), "%d is not an exit code; write 0 to 255", code)
		}
	}
	v.number("exec.output", e.Output.Len(), MaxExpectations)
	v.conditions("exec.output", &e.Output, v.literal)
}

// literal checks a text in which nothing is filled in.
func (v *validator) literal(path, s string) {
	if len(s) > MaxText {
		v.add(path, "is %d bytes long; at most %d are looked for", len(s), MaxText)
		return
	}
	if t, err := placeholder.Parse(s); err == nil && len(t.Refs()) > 0 {
		v.add(path, "%s has a placeholder, which only requests and what is expected of their answers can have; write it out", quote(s))
	}
}

func (v *validator) log(l *Log) {
	v.container("log.container", l.Container)
	if len(l.Patterns) == 0 {
		v.add("log.patterns", "there is none; add one such as Traceback or ^panic:")
	}
	v.lines("log.patterns", l.Patterns)
	v.lines("log.ignore", l.Ignore)
}

// lines checks regular expressions that pick lines of a log.
func (v *validator) lines(path string, patterns []string) {
	v.number(path, len(patterns), MaxExpectations)
	for i, s := range patterns {
		if i == MaxExpectations {
			return
		}
		before := len(v.problems)
		v.regex(at(path, i), s)
		if len(v.problems) > before {
			continue
		}
		if re, err := regexp.Compile(s); err == nil && re.MatchString("") {
			v.add(at(path, i), "%s matches an empty line, and so every line; write what a line must hold", quote(s))
		}
	}
}
