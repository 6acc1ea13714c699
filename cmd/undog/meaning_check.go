package main

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check"
)

// checksMean writes what each check does, and who plays them.
func checksMean(b *strings.Builder, c *config.Config) {
	if len(c.Checks) > 0 {
		fmt.Fprintf(b, "checks, all that match are played, on a new pod and on two old ones at the same moment:\n")
	}
	for i := range c.Checks {
		k := &c.Checks[i]
		fmt.Fprintf(b, "%d. %s: %s\n", i+1, k.Name, scope(k.Match.Namespaces, k.Match.Selector, "every Deployment watched"))
		for _, line := range checkMeans(&k.Check) {
			fmt.Fprintf(b, "   %s\n", line)
		}
		every := cmp.Or(k.Every, config.Duration(policy.DefaultEvery))
		fmt.Fprintf(b, "   every %s, more often while a revision is young or suspected; takes %s at most\n",
			every, config.Duration(cmp.Or(k.Timeout, check.DefaultTimeout)))
	}
	for i := range c.Personas {
		p := &c.Personas[i]
		fmt.Fprintf(b, "persona %s: %s\n", p.Name, strings.Join(sources(p), ", then "))
	}
	if c.Prometheus.URL != "" {
		fmt.Fprintf(b, "asks for metrics at %s\n", config.Redact(c.Prometheus.URL))
	}
}

// checkMeans says what one check does.
func checkMeans(c *check.Check) []string {
	switch {
	case c.Exec != nil:
		return []string{execMeans(c.Exec)}
	case c.Log != nil:
		text := "fails for a line of the log of " + container(c.Log.Container) + " that matches " + either(c.Log.Patterns)
		if len(c.Log.Ignore) > 0 {
			text += ", unless it matches " + either(c.Log.Ignore)
		}
		return []string{text}
	case c.Metric != nil:
		return []string{metricMeans(c.Metric)}
	}
	where := strings.ToUpper(cmp.Or(c.Scheme, "http")) + " on "
	if c.Port == "" {
		where += "the first port"
	} else {
		where += "port " + c.Port
	}
	if c.Host != "" {
		where += ", as " + c.Host
	}
	if c.Persona != "" {
		where += ", played by " + c.Persona
	}
	lines := []string{where}
	for i := range c.Steps {
		s := &c.Steps[i]
		lines = append(lines, fmt.Sprintf("- %s: %s; %s", s.Label(i), sends(s), expects(&s.Expect)))
	}
	return lines
}

// sends says what a step sends, without what is in it.
func sends(s *check.Step) string {
	if s.Submit != nil {
		if s.Submit.Form != "" {
			return "submits the form " + s.Submit.Form
		}
		return "submits the form of the page before it"
	}
	r := s.Request
	method := cmp.Or(r.Method, "GET")
	if r.Method == "" && (r.Form != nil || r.JSON != "" || r.Text != "") {
		method = "POST"
	}
	return method + " " + r.Path
}

func expects(e *check.Expect) string {
	var parts []string
	if len(e.Status) > 0 {
		parts = append(parts, "status "+strings.Join(e.Status, " or "))
	}
	if n := len(e.Headers) + len(e.JSON) + len(e.CEL) + e.Body.Len(); n > 0 {
		parts = append(parts, count(n, "condition"))
	}
	if e.Within > 0 {
		parts = append(parts, "an answer within "+config.Duration(e.Within).String())
	}
	if len(parts) == 0 {
		return "expects only what the old revision answers"
	}
	return "expects " + strings.Join(parts, ", ")
}

func execMeans(e *check.Exec) string {
	codes := make([]string, len(e.ExitCodes))
	for i, code := range e.ExitCodes {
		codes[i] = strconv.Itoa(code)
	}
	text := fmt.Sprintf("runs %q in %s; expects exit code %s", e.Command, container(e.Container), cmp.Or(strings.Join(codes, " or "), "0"))
	if n := e.Output.Len(); n > 0 {
		text += ", " + count(n, "condition") + " of the output"
	}
	return text
}

func metricMeans(m *check.Metric) string {
	if m.Query == "" {
		return fmt.Sprintf("compares how often %s happens in %s with the old revision", m.Failures, m.Total)
	}
	var bounds []string
	if m.Min != nil {
		bounds = append(bounds, "at least "+number(*m.Min))
	}
	if m.Max != nil {
		bounds = append(bounds, "at most "+number(*m.Max))
	}
	return fmt.Sprintf("expects %s to be %s", m.Query, strings.Join(bounds, " and "))
}

// sources are where a persona's values come from; later ones win.
func sources(p *config.Persona) []string {
	var parts []string
	if n := len(p.Values); n > 0 {
		parts = append(parts, count(n, "value")+" of this file")
	}
	if p.Secret.Name != "" {
		parts = append(parts, "the Secret "+p.Secret.Namespace+"/"+p.Secret.Name)
	}
	if p.File != "" {
		parts = append(parts, p.File)
	}
	return parts
}

func container(name string) string {
	if name == "" {
		return "the first container"
	}
	return "container " + name
}

func either(patterns []string) string { return strings.Join(patterns, " or ") }

func number(f float64) string {
	if math.Abs(f) < 1e15 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
