package redact

import (
	"html"
	"slices"
	"strconv"
	"strings"
)

// shortest is the shortest value that is looked for in what is decoded, where
// capital letters are small ones: others would hit by chance.
const shortest = 4

// decoded takes out the secrets that are written in other ways than those that
// can be listed: any mix of what URLs, HTML and programs escape, in capitals.
func (r *Redactor) decoded(s string) string {
	text, at := decode(s)
	var spans [][2]int
	for _, v := range r.values {
		for from := 0; ; {
			i := strings.Index(text[from:], v)
			if i < 0 {
				break
			}
			i += from
			from = i + len(v)
			spans = append(spans, [2]int{at[i], at[from]})
		}
	}
	if len(spans) == 0 {
		return s
	}
	slices.SortFunc(spans, func(a, b [2]int) int { return a[0] - b[0] })
	var b strings.Builder
	end := 0
	for _, span := range spans {
		if span[0] >= end {
			b.WriteString(s[end:span[0]] + Mask)
		}
		end = max(end, span[1])
	}
	return b.String() + s[end:]
}

// decode resolves every escape of a text, in small letters, and tells where in
// the text each byte was written, and the end.
func decode(s string) (text string, at []int) {
	out := make([]byte, 0, len(s))
	at = make([]int, 0, len(s)+1)
	for i := 0; i < len(s); {
		means, n := unescape(s[i:])
		for j := range len(means) {
			c := means[j]
			switch {
			case 'A' <= c && c <= 'Z':
				c += 'a' - 'A'
			case c == '+': // It is a space in a query.
				c = ' '
			}
			out, at = append(out, c), append(at, i)
		}
		i += n
	}
	return string(out), append(at, len(s))
}

// unescape says what the first character of a text means, and how many bytes it
// is written with.
func unescape(s string) (means string, n int) {
	switch {
	case s[0] == '%' && len(s) >= 3:
		if c, err := strconv.ParseUint(s[1:3], 16, 8); err == nil {
			return string([]byte{byte(c)}), 3
		}
	case s[0] == '&':
		if end := strings.IndexByte(s[:min(len(s), 12)], ';'); end > 1 {
			if means = html.UnescapeString(s[:end+1]); means != s[:end+1] {
				return means, end + 1
			}
		}
	case s[0] == '\\' && len(s) >= 2:
		for _, form := range []struct {
			letter byte
			digits int
		}{{'u', 4}, {'x', 2}} {
			if s[1] == form.letter && len(s) >= 2+form.digits {
				if c, err := strconv.ParseUint(s[2:2+form.digits], 16, 32); err == nil {
					return string(rune(c)), 2 + form.digits //nolint:gosec // At most four digits.
				}
			}
		}
		if strings.IndexByte(`/"'\`+"`", s[1]) >= 0 {
			return s[1:2], 2
		}
	}
	return s[:1], 1
}
