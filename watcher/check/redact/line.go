package redact

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sequence is what colours a text on a terminal. Those with a space in them do
// not colour, and would take the first letter of the next word with them.
var sequence = regexp.MustCompile(`\x1b(?:\[[0-9:;<=>?]*[!-/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])`)

// Line is Guess on one line, in which spaces are one space each and what cannot
// be printed is left out, and which is then shortened to at most so many bytes.
func Line(s string, most int) string { return Cut(Guess(clean(s)), most) }

// Uncoloured is a text without what steers a terminal. It may stand in the middle
// of a key, and would hide it.
func Uncoloured(s string) string {
	if strings.IndexByte(s, '\x1b') < 0 {
		return s
	}
	return sequence.ReplaceAllString(s, "")
}

// clean is a line as it is to be read.
func clean(s string) string {
	var b strings.Builder
	space := false
	for _, r := range Uncoloured(strings.ToValidUTF8(Head(s, maxText), "\uFFFD")) {
		switch {
		case unicode.IsSpace(r):
			space = b.Len() > 0
		case unicode.IsPrint(r):
			if space {
				b.WriteByte(' ')
			}
			b.WriteRune(r)
			space = false
		}
	}
	return b.String()
}

// The lines of a private key. It may begin before what is known of a log.
var (
	keyBegins = regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY`)
	keyEnds   = regexp.MustCompile(`-----END [A-Z0-9 ]*PRIVATE KEY`)
	// keyBody is what stands between, behind whatever a logger puts before it.
	keyBody = regexp.MustCompile(`[A-Za-z0-9+/=]{16,}$`)
)

// Lines is Line on each of several lines that follow one another. What is between
// the first and the last line of a private key is cut out as well, also where its
// first line is not there any more, and so is a line behind a key without a value.
func Lines(lines []string, most int) []string {
	out := make([]string, len(lines))
	inside, open, held := false, false, 0
	for i, line := range lines {
		line = clean(line)
		begins, ends := keyBegins.MatchString(line), keyEnds.MatchString(line)
		switch {
		case ends && !inside && !begins:
			for j := i - 1; j >= 0 && keyBody.MatchString(out[j]); j-- {
				out[j] = Mask
			}
			out[i] = Mask
		case inside, open && line != "":
			out[i], open = Mask, false
		case line != "":
			g := guess{s: line, held: held}
			out[i] = Cut(g.text(), most)
			open, held = g.open, max(0, g.held-len(line))
		}
		inside = (inside || begins) && !ends
	}
	return out
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
	s = Line(s, len(s)+len(Mask)*(len(s)/2+1))
	if at := find(s); at != nil && at[0] > most/3 {
		from := at[0] - most/3
		for from > 0 && !utf8.RuneStart(s[from]) {
			from--
		}
		s = "…" + s[from:]
	}
	return Cut(s, most)
}
