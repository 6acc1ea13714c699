package check

import (
	"fmt"
	"strconv"
	"strings"
)

// Problem is one thing that is wrong with a check.
type Problem struct {
	// Path is where, such as steps[1].expect.status[0].
	Path string
	// Text names the value and the way out.
	Text string
}

// String writes the problem as one line.
func (p Problem) String() string { return p.Path + ": " + p.Text }

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

// add notes a problem.
func (p *Problems) add(path, format string, args ...any) {
	*p = append(*p, Problem{Path: path, Text: fmt.Sprintf(format, args...)})
}

// quote writes a value of the user so that spaces and control characters show.
func quote(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}

func itoa(i int) string { return strconv.Itoa(i) }

func at(list string, i int) string { return list + "[" + itoa(i) + "]" }
