package watcher

import (
	"strings"
	"unicode"
	"unicode/utf8"
	"unique"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check/redact"
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
		if r = printable(r); r == ' ' || r == '\n' {
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

// maxRead is the longest message that is read, in bytes. Kubelets keep 4 KiB of a
// container's last words.
const maxRead = 16 << 10

// cleanMessage makes a message one line of printable text of at most
// policy.MaxMessage bytes, without what looks like a secret; a longer one loses
// its middle. Messages come from programs and registries: they may hold anything.
// Of one longer than maxRead the end is left out, as a secret might begin in what
// was not read.
func cleanMessage(s string) string {
	long := len(s) > maxRead
	if s = redact.Head(s, maxRead); !tidy(s) {
		s = strings.Map(printable, redact.Uncoloured(s))
	}
	if s = redact.Guess(s); !tidy(s) {
		s = strings.Join(strings.Fields(s), " ")
	}
	if long {
		return redact.Cut(s+ellipsis, policy.MaxMessage)
	}
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

// tidy tells whether there is one space between words, and nothing but words. What
// is not ASCII is looked at more closely.
func tidy(s string) bool {
	last := byte(' ')
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == ' ' && last == ' ' {
			return false
		}
		last = s[i]
	}
	return last != ' '
}

// printable is a space for what would steer a terminal, and -1 for what would
// change how it reads, like marks of direction.
func printable(r rune) rune {
	switch {
	case r == '\n': // It ends a secret in a header. In the end it is a space.
		return r
	case r == utf8.RuneError, unicode.IsControl(r):
		return ' '
	case unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}
