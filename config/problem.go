package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Problem is one thing that is wrong with the configuration.
type Problem struct {
	// File and Line are where it stands, if it stands in a file; Line is 0
	// when no line is to blame.
	File string
	Line int
	// Path is the key, such as policies[1].bake, or empty.
	Path string
	// Source is the environment variable or flag that it came from, if any.
	Source string
	// Text says what is wrong and what to do about it.
	Text string
}

// String writes the problem as one line.
func (p Problem) String() string {
	var b strings.Builder
	switch {
	case p.Source != "":
		b.WriteString(p.Source + ": ")
	case p.Line > 0:
		fmt.Fprintf(&b, "%s:%d: ", p.File, p.Line)
	case p.File != "":
		b.WriteString(p.File + ": ")
	}
	if p.Path != "" && p.Source == "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// Problems is the error that carries everything that is wrong at once.
type Problems []Problem

// Error writes one problem a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// err returns nil when there is nothing wrong, and the problems in the order
// of their lines otherwise; those without a line keep their places at the end.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		switch {
		case a.Source != "" || b.Source != "":
			return strings.Compare(rank(a), rank(b))
		default:
			return a.Line - b.Line
		}
	})
	return p
}

// rank puts the file's problems before those of the environment and the flags.
func rank(p Problem) string {
	if p.Source == "" {
		return "0"
	}
	return "1"
}

// clip shortens a value of the user for a message.
func clip(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// quote writes a value of the user so that spaces and control characters show.
func quote(s string) string { return strconv.Quote(clip(s)) }
