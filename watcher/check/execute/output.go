package execute

import (
	"bytes"
	"regexp"
	"strconv"
	"sync"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/body"
	"github.com/undog-dev/undog/watcher/check/redact"
)

// What leaves of an error and of an output.
const (
	maxMessage = 300
	maxExcerpt = 256
)

// output keeps the beginning of what is written to it.
type output struct {
	mu   sync.Mutex
	kept []byte
	more bool
}

// Write never fails: a command whose output is not read would stop.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	room := min(maxOutput-len(o.kept), len(p))
	o.kept = append(o.kept, p[:room]...)
	o.more = o.more || room < len(p)
	return len(p), nil
}

// text is what was written so far.
func (o *output) text() body.Text {
	o.mu.Lock()
	defer o.mu.Unlock()
	return body.Text{Bytes: bytes.Clone(o.kept), Truncated: o.more, What: "output"}
}

// expectation is one condition on the output.
type expectation struct {
	text string
	hold func(body.Text) body.Held
}

func expectations(e *check.BodyExpect) []expectation {
	var out []expectation
	texts := func(verb string, list []string, want bool) {
		for _, part := range list {
			out = append(out, expectation{
				"output " + verb + " " + strconv.Quote(part),
				func(t body.Text) body.Held { return body.Contains(t, part, want) },
			})
		}
	}
	patterns := func(verb string, list []string, want bool) {
		for _, pattern := range list {
			re := regexp.MustCompile(pattern) // It was validated.
			out = append(out, expectation{
				"output " + verb + " " + pattern,
				func(t body.Text) body.Held { return body.Matches(t, re, want) },
			})
		}
	}
	texts("contains", e.Contains, true)
	texts("does not contain", e.NotContains, false)
	patterns("matches", e.Matches, true)
	patterns("does not match", e.NotMatches, false)
	return out
}

// meet looks at every expectation. The first that plainly does not hold decides,
// one of which nobody can tell only if there is none.
func (c *Check) meet(t body.Text) check.Result {
	r := check.Result{Outcome: check.Passed}
	for _, e := range c.expect {
		h := e.hold(t)
		text := redact.Line(e.text, maxMessage/2)
		switch {
		case h.OK:
		case h.Reason == "":
			r = check.Result{
				Outcome: check.Failed, Reason: check.ReasonExpectation, Expectation: text,
				Message: "expected was: " + text + "; " + redact.Line(h.Found, maxMessage/2),
			}
			if h.End > 0 {
				r.Excerpt = excerpt(t, &e, h.Start, h.End)
			}
			return r
		case r.Outcome == check.Passed:
			r = check.Result{Outcome: check.Inconclusive, Reason: h.Reason, Expectation: text, Message: h.Found}
		}
	}
	return r
}

// excerpt is the line that holds what begins there, or the part of it around that.
func excerpt(t body.Text, e *expectation, start, end int) string {
	from, to := bytes.LastIndexByte(t.Bytes[:start], '\n')+1, len(t.Bytes)
	if next := bytes.IndexByte(t.Bytes[end:], '\n'); next >= 0 {
		to = end + next
	}
	line := string(t.Bytes[from:to])
	if t.Truncated && to == len(t.Bytes) {
		line = redact.Unfinished(line)
	}
	return redact.Around(line, func(line string) []int {
		if h := e.hold(body.Text{Bytes: []byte(line)}); h.End > 0 {
			return []int{h.Start, h.End}
		}
		return nil
	}, maxExcerpt)
}

// plain is an error of a node or a server fit to leave.
func plain(err error) string { return redact.Line(err.Error(), maxMessage) }
