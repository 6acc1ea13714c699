package differ

import (
	"hash/fnv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a token is.
type kind uint8

const (
	word kind = iota
	number
	punct
	// media stands for a picture, an icon or a control.
	media
	// line stands for a line break that shows.
	line
)

// token is a word, a number or a character of punctuation, with the space
// before it as it was written.
type token struct {
	Key   uint64 `json:"k"`
	Kind  kind   `json:"t,omitempty"`
	Punct string `json:"p,omitempty"`
	Gap   string `json:"g,omitempty"`
	// Volatile is set if the old pods differ here, and Optional if one of them
	// had nothing.
	Volatile bool `json:"v,omitempty"`
	Optional bool `json:"o,omitempty"`
	// Known is set if it is part of a value that the persona has.
	Known bool `json:"n,omitempty"`
	// text is empty in a baseline.
	text string
}

const maxGap = 64

// builder turns texts into tokens and pages into trees.
type builder struct {
	// salt and mask make short hashes for a baseline.
	salt string
	mask uint64
	// known are the words of the persona's values.
	known [][]string
	// What is left of the bounds.
	nodes, tokens int
	cut           bool
	// path is that of the page, for links.
	path string
}

const (
	maxNodes     = 8000
	maxTokens    = 60000
	maxDepth     = 100
	maxKnown     = 64
	minKnown     = 2
	maxRunTokens = 4000
)

func newBuilder(known []string) *builder {
	b := &builder{mask: ^uint64(0), nodes: maxNodes, tokens: maxTokens}
	for _, value := range known {
		if utf8.RuneCountInString(value) < minKnown || len(b.known) == maxKnown {
			continue
		}
		var words []string
		for _, t := range b.split(nil, value, "") {
			words = append(words, t.text)
		}
		if len(words) > 0 {
			b.known = append(b.known, words)
		}
	}
	b.tokens = maxTokens
	return b
}

// hash is the key of a text.
func (b *builder) hash(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(b.salt + s))
	return mix(h.Sum64()) & b.mask
}

// mix spreads a hash over all bits, so that a few of them will do.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// split adds the tokens of a text to those before it; gap is the space that
// was left over there. The space left over at the end is returned by tail.
func (b *builder) split(to []token, s, gap string) []token {
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		if unicode.IsSpace(r) {
			if len(gap) < maxGap {
				gap += s[:n]
			}
			s = s[n:]
			continue
		}
		if b.tokens--; b.tokens < 0 || len(to) == maxRunTokens {
			b.cut = true
			return to
		}
		t := token{Gap: gap}
		if letter(r) {
			n = length(s)
			t.Kind = word
			if unicode.IsDigit(r) {
				t.Kind = number
			}
		} else {
			t.Kind, t.Punct = punct, s[:n]
		}
		t.text, t.Key = s[:n], b.hash(s[:n])
		to, s, gap = append(to, t), s[n:], ""
	}
	return to
}

// tail is the space at the end of a text.
func tail(s string) string {
	rest := s[len(strings.TrimRightFunc(s, unicode.IsSpace)):]
	return rest[:min(len(rest), maxGap)]
}

func letter(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_' || unicode.Is(unicode.So, r) && r > 0xffff
}

// length is that of the word that s begins with. A number goes on over its
// point or comma.
func length(s string) int {
	digits := true
	for i, r := range s {
		switch {
		case letter(r):
			digits = digits && unicode.IsDigit(r)
		case digits && (r == '.' || r == ',') && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9':
		default:
			return i
		}
	}
	return len(s)
}

// mark marks the tokens that are a value of the persona.
func (b *builder) mark(tokens []token) {
	for _, words := range b.known {
		for i := 0; i+len(words) <= len(tokens); i++ {
			same := true
			for j, w := range words {
				same = same && tokens[i+j].text == w
			}
			for j := range words {
				tokens[i+j].Known = tokens[i+j].Known || same
			}
		}
	}
}

// spell writes tokens as they were read; a word that only a hash is left of is
// written as a dot.
func spell(tokens []token, end string) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 {
			b.WriteString(strings.Map(flat, t.Gap))
		}
		switch {
		case t.text != "":
			b.WriteString(t.text)
		case t.Punct != "":
			b.WriteString(t.Punct)
		case t.Kind == media:
			b.WriteString("▢")
		case t.Kind == line:
			b.WriteString(" ")
		default:
			b.WriteString("·")
		}
	}
	b.WriteString(strings.Map(flat, end))
	return strings.TrimLeftFunc(b.String(), unicode.IsSpace)
}

// flat turns line breaks into spaces.
func flat(r rune) rune {
	if r == '\n' || r == '\r' || r == '\t' {
		return ' '
	}
	return r
}
