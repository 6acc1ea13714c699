package ledger

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/undog-dev/undog/policy"
)

// MaxCaptured is the longest encoded list of what was captured, in bytes.
const MaxCaptured = 12 << 10

// annotations are those of a record.
func annotations(rec policy.Record, raw []byte) map[string]string {
	all := map[string]string{RecordAnnotation: string(raw)}
	if text := encodeCaptured(rec.Captured); text != "" {
		all[CapturedAnnotation] = text
	}
	return all
}

// encodeCaptured is the list as JSON of at most MaxCaptured bytes, "" if there is
// nothing. The oldest lines are left out first, of whoever has most.
func encodeCaptured(list []policy.Captured) string {
	list = cutCaptured(list)
	for len(list) > 0 {
		var buf bytes.Buffer
		enc := json.NewEncoder(&buf)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(list); err != nil {
			return ""
		}
		if text := bytes.TrimSuffix(buf.Bytes(), []byte("\n")); len(text) <= MaxCaptured {
			return string(text)
		}
		most := 0
		for i := range list {
			if len(list[i].Lines) > len(list[most].Lines) {
				most = i
			}
		}
		if c := &list[most]; len(c.Lines) > 0 {
			c.Lines, c.Left = c.Lines[1:], c.Left+1
		} else {
			list = list[:len(list)-1]
		}
	}
	return ""
}

// decodeCaptured reads what encodeCaptured wrote. Anybody may have written it:
// what cannot be read counts as absent, since no verdict hangs on it.
func decodeCaptured(text string) []policy.Captured {
	var list []policy.Captured
	if text == "" || len(text) > MaxCaptured || json.Unmarshal([]byte(text), &list) != nil {
		return nil
	}
	return cutCaptured(list)
}

// maxLines is of one container.
const maxLines = 100

// cutCaptured shares nothing that it changes with the list.
func cutCaptured(list []policy.Captured) []policy.Captured {
	list = first(list, policy.MaxCaptured)
	for i := range list {
		c := &list[i]
		c.Pod, c.Container = printable(c.Pod, maxIdentifier), printable(c.Container, maxIdentifier)
		c.State, c.Problem = printable(c.State, policy.MaxMessage), printable(c.Problem, policy.MaxMessage)
		if more := len(c.Lines) - maxLines; more > 0 {
			c.Lines, c.Left = c.Lines[more:], c.Left+more
		}
		c.Left = max(c.Left, 0)
		c.Lines = slices.Clone(c.Lines)
		for j, line := range c.Lines {
			c.Lines[j] = printable(line, policy.MaxLine)
		}
	}
	return list
}
