package language

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"

	"github.com/undog-dev/undog/config/spell"
)

// Fault is one thing that is wrong with an expression.
type Fault struct {
	// Line and Column are where, counted from 1.
	Line, Column int
	// Text says what is wrong and what to do about it.
	Text string
}

// Error is everything that is wrong with an expression.
type Error struct{ Faults []Fault }

// Error writes one fault a line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = fmt.Sprintf("%d:%d: %s", f.Line, f.Column, f.Text)
	}
	return strings.Join(lines, "\n")
}

// newError puts faults in the order of the expression.
func newError(found []Fault) *Error {
	slices.SortStableFunc(found, func(a, b Fault) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return &Error{Faults: found}
}

// whole is a fault of the expression as such.
func whole(format string, args ...any) *Error {
	return &Error{Faults: []Fault{{Line: 1, Column: 1, Text: fmt.Sprintf(format, args...)}}}
}

// maxFaults is how many are told: the parser stumbles on after the first.
const maxFaults = 5

// faults turns the compiler's complaints into words with a way out.
func (l *Language) faults(issues *cel.Issues) *Error {
	var found []Fault
	for _, e := range issues.Errors() {
		f := Fault{Line: max(e.Location.Line(), 1), Column: max(e.Location.Column(), 0) + 1, Text: l.explain(e.Message)}
		if !slices.Contains(found, f) {
			found = append(found, f)
		}
	}
	made := newError(found)
	made.Faults = made.Faults[:min(len(made.Faults), maxFaults)]
	return made
}

var (
	undefined  = regexp.MustCompile(`^undefined field '([^']*)'`)
	undeclared = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	overloaded = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
	shown      = regexp.MustCompile(`^_(.*)_$`)
)

// explain says a complaint of the compiler in plain words.
func (l *Language) explain(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	if m := undefined.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("there is no field %s%s", clip(m[1]), l.hint(m[1], l.o.Fields))
	}
	if m := undeclared.FindStringSubmatch(text); m != nil {
		if slices.Contains(leftOut, m[1]) {
			return fmt.Sprintf("%s is left out of the language here: the same question must get the same answer on every machine", m[1])
		}
		return fmt.Sprintf("there is no %s%s", clip(m[1]), l.hint(m[1], l.names()))
	}
	switch {
	case strings.HasPrefix(text, "invalid matches argument"):
		return `is not a regular expression in the syntax of RE2; mind that a backslash in "…" is written twice, and in r"…" once`
	case strings.HasPrefix(text, "invalid duration argument"):
		return `is not a duration; write one such as duration("90s") or duration("1h30m")`
	}
	if m := overloaded.FindStringSubmatch(text); m != nil {
		name := m[1]
		if op := shown.FindStringSubmatch(name); op != nil {
			name = op[1]
		}
		return fmt.Sprintf("%s cannot be used on %s", clip(name), clip(m[2]))
	}
	return clip(text)
}

// hint proposes the nearest word, or all of a short list.
func (l *Language) hint(word string, known []string) string {
	if near := spell.Closest(word, known); near != "" && near != word {
		return "; did you mean " + near + "?"
	}
	return "; there are " + strings.Join(known, ", ") + l.o.WayOut
}

// clip shortens what comes from an expression for a message.
func clip(s string) string {
	const most = 300
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
