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

// internMessage cleans and bounds a message before it is kept.
func internMessage(s string) word { return intern(cleanMessage(s)) }

// cleanMessage makes a message one line of printable text of at most
// policy.MaxMessage bytes. Messages come from programs and registries: they
// may hold anything.
func cleanMessage(s string) string {
	// Cleaning never makes a message longer than three times its bytes, but
	// reading one of megabytes to keep 256 would be waste.
	if len(s) > 4*policy.MaxMessage {
		s = s[:4*policy.MaxMessage]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			// Direction marks and the like change how a line reads.
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= policy.MaxMessage {
		return s
	}
	const ellipsis = "…"
	cut := policy.MaxMessage - len(ellipsis)
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + ellipsis
}
