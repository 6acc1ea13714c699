package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line is Guess on one line, in which control characters and spaces are one
// space each, and which is then shortened to at most so many bytes.
func Line(s string, most int) string {
	var b strings.Builder
	space := false
	for _, r := range Guess(strings.ToValidUTF8(s, "\uFFFD")) {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		space = false
	}
	return Cut(b.String(), most)
}

// Cut shortens a text to at most so many bytes, at the end of a character.
func Cut(s string, most int) string {
	const dots = "…"
	if len(s) <= most {
		return s
	}
	end := most - len(dots)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:max(end, 0)] + dots
}

// Around is Line where what find finds is in the middle of a line: the part
// around it is kept. The whole line must be given, or half a secret stays.
func Around(s string, find func(string) []int, most int) string {
	s = Line(s, len(s)+len(Mask)*(len(s)/4+1))
	if at := find(s); at != nil && at[0] > most/3 {
		from := at[0] - most/3
		for from > 0 && !utf8.RuneStart(s[from]) {
			from--
		}
		s = "…" + s[from:]
	}
	return Cut(s, most)
}
