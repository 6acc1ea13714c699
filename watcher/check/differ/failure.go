package differ

import (
	"bytes"
	"regexp"
	"strings"
)

var (
	// failureTitle is a title or heading that is nothing but an error.
	failureTitle = regexp.MustCompile(`(?i)^\W*(http |status |error:? ?)?([45][0-9][0-9])?\W*(internal server error|server error|application error|` +
		`runtime error|unhandled (exception|error)|an error (has )?occurred|error|fatal error|something went wrong|oops.{0,40}|not found|` +
		`page not found|bad gateway|service unavailable|gateway time-?out|bad request|forbidden|access denied|unauthorized|` +
		`temporarily unavailable|(?-i:[A-Za-z.]*(Exception|Error))( at .{0,200})?)\W*([45][0-9][0-9])?\W*$`)
	// trace is a stack trace or a message of a language's runtime, with its place.
	trace = regexp.MustCompile(`Traceback \(most recent call last\)|(?m)^panic: .+$|goroutine [0-9]+ \[[a-z ]+\]:|` +
		`(?m)^\s*at [\w.$<>]+\([\w.]+\.(java|kt|scala):[0-9]+\)|Exception in thread "|` +
		`at .{1,120} \(?[\w/.:-]+\.(js|ts|mjs|cjs):[0-9]+:[0-9]+\)?|at [\w.<>` + "`" + `]+\(.{0,200}\) in .{1,200}:line [0-9]+|` +
		`(Fatal error|Parse error|Warning|Notice|Deprecated)(</b>)?: .{1,300} in (<b>)?/.{1,200}(</b>)? on line (<b>)?[0-9]+|` +
		`[\w/.-]+\.rb:[0-9]+:in ['` + "`" + `]|thread '.{1,60}' panicked at`)
)

// failing tells whether a page is an error page.
func failing(root *node) (*node, bool) {
	var found *node
	root.all(func(n *node) bool {
		if (n.Tag == "title" || n.Tag == "h1") && failureTitle.MatchString(n.text()) {
			found = n
		}
		return found == nil
	})
	return found, found != nil
}

// clues are what every trace has one of; looking for them is cheap.
var clues = []string{
	"Traceback (", "panic: ", "goroutine ", ".java:", ".kt:", ".scala:", "Exception in thread", ".js:", ".ts:", ".mjs:", ".cjs:",
	":line ", " on line ", ".rb:", "panicked at",
}

// How many places are looked at for each clue, and how much around each.
const (
	maxClues     = 20
	before, past = 300, 400
)

// traced returns the first line of a stack trace in a body.
func traced(body []byte) string {
	for _, clue := range clues {
		for at, n := 0, 0; n < maxClues; n++ {
			i := bytes.Index(body[at:], []byte(clue))
			if i < 0 {
				break
			}
			i += at
			at = i + len(clue)
			window := body[max(0, i-before):min(len(body), i+past)]
			if start := bytes.IndexByte(window[:min(before, i)], '\n'); start >= 0 {
				window = window[start+1:] // Lines begin where lines begin.
			}
			if found := trace.FindIndex(window); found != nil {
				line, _, _ := strings.Cut(strings.TrimSpace(string(window[found[0]:])), "\n")
				return line
			}
		}
	}
	return ""
}
