package watcher

import (
	"strings"
	"unicode"
	"unicode/utf8"
	"unique"

	"github.com/undog-dev/undog/policy"
)

// word is an interned string. Reasons, nodes, container names and messages
// repeat over thousands of pods; each is held once.
type word = unique.Handle[string]

// intern returns the word for s. The zero word stands for "", so that records
// compare and cost nothing where a field is not set.
func intern(s string) word {
	if s == "" {
		return word{}
	}
	return unique.Make(s)
}

func text(w word) string {
	if w == (word{}) {
		return ""
	}
	return w.Value()
}

// maxReason is longer than any reason in use, and than any id of undog's own;
// maxName is as long as the API lets the name of an object be.
const maxReason, maxName = 128, 253

// internReason keeps a reason, which is to be one printable word.
func internReason(s string) word { return intern(cleanName(s, maxReason)) }

// cleanName returns a name as it is where it is printable and not too long, as
// it nearly always is, and else what is left of it.
func cleanName(s string, limit int) string {
	if len(s) <= limit && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		if r = printable(r); r == ' ' {
			return -1
		}
		return r
	}, s[:min(len(s), 2*limit)])
	for len(s) > limit {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

// internMessage cleans and bounds a message before it is kept.
func internMessage(s string) word { return intern(cleanMessage(s)) }

// messageHead is how much of the beginning of a long message is kept. The
// beginning says what failed; the end says why, and is worth more.
const messageHead = policy.MaxMessage / 3

const ellipsis = "…"

// cleanMessage makes a message one line of printable text of at most
// policy.MaxMessage bytes; a longer one loses its middle. Messages come from
// programs and registries: they may hold anything.
func cleanMessage(s string) string {
	// Reading one of megabytes to keep 256 bytes would be waste.
	const enough = 2 * policy.MaxMessage
	if len(s) > 2*enough {
		s = s[:enough] + s[len(s)-enough:]
	}
	s = strings.Map(printable, s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= policy.MaxMessage {
		return s
	}
	head := messageHead
	for !utf8.RuneStart(s[head]) {
		head--
	}
	tail := len(s) - (policy.MaxMessage - messageHead - len(ellipsis))
	for !utf8.RuneStart(s[tail]) {
		tail++
	}
	return s[:head] + ellipsis + s[tail:]
}

// printable is a space for what would break a line, and -1 for what would
// change how it reads, like marks of direction.
func printable(r rune) rune {
	switch {
	case r == utf8.RuneError, unicode.IsControl(r):
		return ' '
	case unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}
