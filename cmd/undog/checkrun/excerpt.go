package checkrun

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What is shown of a body and of a header, in characters.
const (
	maxLine   = 240
	maxHeader = 200
)

// begin is where the part of a page begins that people see.
var begin = regexp.MustCompile(`(?i)<body[\s>]`)

// excerpt returns the first lines of a redacted body that say something.
func excerpt(body, kind string, lines int) []string {
	if lines <= 0 || strings.TrimSpace(body) == "" {
		return nil
	}
	if strings.ContainsRune(body, 0) {
		return []string{"(binary, not shown)"}
	}
	if strings.Contains(kind, "html") {
		if at := begin.FindStringIndex(body); at != nil {
			body = body[at[0]:]
		}
	}
	var out []string
	for line := range strings.Lines(body) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if len(out) == lines {
			return append(out, "… (--lines shows more)")
		}
		out = append(out, clip(line, maxLine))
	}
	return out
}

// clip shortens what was redacted.
func clip(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// visible writes out the characters that would steer a terminal, and those
// that nobody sees or that turn the direction of writing.
func visible(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case r == '\t' || r == '\n' || r == '\r':
			b.WriteByte(' ')
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}
