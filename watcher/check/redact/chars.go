package redact

import "strings"

// The classes of characters. Beyond ASCII nothing is of any.
const (
	inName  = 1 << iota // Of names: letters, digits and what joins them.
	inRun               // Of what is drawn: letters, digits and what base64 has.
	inSpace             // Space, and line breaks.
	inQuote             // Quotes.
	inEnd               // What ends a word for good: spaces, and what encloses URLs.
	opens               // Brackets.
	closes
	joins // What stands between the members of a list or a query.
)

var class = classes()

func classes() (of [256]uint8) {
	set := func(chars string, as uint8) {
		for i := range len(chars) {
			of[chars[i]] |= as
		}
	}
	for c := range 256 {
		switch c := byte(c); {
		case letter(c), '0' <= c && c <= '9':
			of[c] |= inName | inRun
		}
	}
	set("_.-", inName)
	set("+/_=-", inRun)
	set(" \t\r\n", inSpace|inEnd)
	set("\"'`", inQuote)
	set("\"<>`", inEnd)
	set("([{", opens)
	set(")]}>", closes)
	set(",;&", joins)
	return of
}

func is(c byte, as uint8) bool { return class[c]&as != 0 }

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func alphanumeric(c byte) bool { return letter(c) || c >= '0' && c <= '9' }

// small is a letter as a small one.
func small(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// begins tells whether a text begins with a word, in any case.
func begins(s, word string) bool {
	if len(s) < len(word) {
		return false
	}
	for i := range len(word) {
		if small(s[i]) != word[i] {
			return false
		}
	}
	return true
}

// mixed tells a word of a sentence from what is no word.
func mixed(s string) bool {
	digit, other := false, false
	for i := range len(s) {
		digit = digit || s[i] >= '0' && s[i] <= '9'
		other = other || letter(s[i])
	}
	return digit && other
}

// random tells whether a run looks drawn rather than written: hexadecimal
// throughout, or digits, small and capital letters in turn. Paths, and names
// in which words are joined, do not.
func random(run string) bool {
	if strings.Trim(run, "0123456789abcdefABCDEF") == "" {
		return strings.ContainsAny(run, "0123456789") && len(run) >= 32
	}
	digits, lower, upper, turns := kinds(run)
	if digits > 0 && lower > 0 && upper > 0 && turns*3 >= len(run) {
		return true
	}
	// Without capitals it is a name, unless nothing joins words in it.
	for part := range strings.FieldsFuncSeq(run, func(r rune) bool { return strings.ContainsRune("+/_=-", r) }) {
		if digits, _, _, turns := kinds(part); len(part) >= 24 && digits > 2 && turns*4 >= len(part) {
			return true
		}
	}
	return false
}

// kinds counts the characters of each kind, and how often the kind changes.
func kinds(run string) (digits, lower, upper, turns int) {
	last := byte(0)
	for i := range len(run) {
		kind := byte(0)
		switch c := run[i]; {
		case c >= '0' && c <= '9':
			kind, digits = 'd', digits+1
		case c >= 'a' && c <= 'z':
			kind, lower = 's', lower+1
		case c >= 'A' && c <= 'Z':
			kind, upper = 'c', upper+1
		}
		if kind != last {
			turns++
		}
		last = kind
	}
	return digits, lower, upper, turns
}
