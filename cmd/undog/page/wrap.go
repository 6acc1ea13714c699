package page

import (
	"strings"
	"unicode"
)

// Clean keeps texts from pods from steering the terminal: control characters
// and those that turn the direction of writing become spaces.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// Columns is how many columns a clean text takes.
func Columns(s string) int {
	n := 0
	for _, r := range s {
		n += columns(r)
	}
	return n
}

// columns is 2 for the wide letters of East Asia and for emoji, 0 for accents
// that stand on the letter before.
func columns(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case r >= 0x1100 && r <= 0x115F, r >= 0x2E80 && r <= 0xA4CF, r >= 0xAC00 && r <= 0xD7A3,
		r >= 0xF900 && r <= 0xFAFF, r >= 0xFE30 && r <= 0xFE6F, r >= 0xFF00 && r <= 0xFF60,
		r >= 0xFFE0 && r <= 0xFFE6, r >= 0x1F300 && r <= 0x1FAFF, r >= 0x20000 && r <= 0x3FFFD:
		return 2
	}
	return 1
}

// wrap breaks a text into lines of at most width columns, between words where
// it can. It returns at least one line.
func wrap(text string, width int) []string {
	width = max(width, 8)
	lines, used := []string{""}, 0
	for word := range strings.FieldsSeq(text) {
		need := Columns(word)
		if used > 0 && used+1+need > width {
			lines, used = append(lines, ""), 0
		}
		for used == 0 && need > width {
			head, tail := split(word, width)
			lines[len(lines)-1] = head
			lines, word, need = append(lines, ""), tail, Columns(tail)
		}
		if used > 0 {
			lines[len(lines)-1] += " "
			used++
		}
		lines[len(lines)-1] += word
		used += need
	}
	return lines
}

// split cuts a word where it has taken so many columns.
func split(word string, width int) (head, tail string) {
	used := 0
	for i, r := range word {
		if used += columns(r); used > width {
			return word[:i], word[i:]
		}
	}
	return word, ""
}

// Short cuts a text in its middle to so many columns: both the beginning and
// the end of an image say something.
func Short(text string, width int) string {
	text = Clean(text)
	if Columns(text) <= width {
		return text
	}
	head, _ := split(text, (width-1)/3)
	tail := []rune(text[len(head):])
	for len(tail) > 0 && Columns(head)+1+Columns(string(tail)) > width {
		tail = tail[1:]
	}
	return head + "…" + string(tail)
}
