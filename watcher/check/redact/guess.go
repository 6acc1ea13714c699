package redact

import "strings"

// maxText is the longest text that is looked at, in bytes.
const maxText = 64 << 10

// Guess cuts out of a text what looks like a credential: values of keys that are
// called password, token and the like, what follows Bearer and Basic, what
// stands before the host of a URL, keys of known form, and long runs of digits and
// letters. It is for texts of which nobody knows the secrets, and cannot find all.
// What is cut out in vain costs a reader little; what is missed cannot be taken back.
//
// It reads a text once, from left to right: what it looks ahead at is either cut
// out, or no longer than a name. It does not allocate where nothing is cut out. Of
// more than 64 KiB the end is left out, as Head leaves it out.
//
// It must be asked before a text is shortened. Lines is for secrets of several lines.
func Guess(s string) string {
	g := guess{s: Head(s, maxText)}
	return g.text()
}

// Head is the beginning of a text, about so many bytes of it, as Unfinished leaves it.
func Head(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return Unfinished(s[:most])
}

// Unfinished is a text whose end was lost. Its last word may be half of one, and
// half a secret does not look like one: it is cut out. Secrets of several words are
// cut out up to the end of a text anyway.
func Unfinished(s string) string {
	end := len(s)
	for end > 0 && !is(s[end-1], inEnd) {
		end--
	}
	return s[:end] + Mask
}

// guess reads one text.
type guess struct {
	s string
	// out is what was cut, up to done in s.
	out  strings.Builder
	done int
	// wordEnd is the end of the last word in which a sign @ was looked for, and
	// wordAt the last one in it, or -1.
	wordEnd, wordAt int
	// held is how far the value of a name that was read may be.
	held int
	// client is set once a program that takes a password behind -p was named.
	client bool
	// open is set where the text ends before a value.
	open bool
	// steps counts the characters that were looked at, some more than once.
	steps int
}

// maxHeld is how far behind a name its value may be.
const maxHeld = 96

func (g *guess) text() string {
	for i := 0; i < len(g.s); {
		g.steps++
		switch c := g.s[i]; {
		case letter(c):
			if !heads[c] && (i+1 == len(g.s) || words[pair(c, g.s[i+1])] == nil) {
				i++
				continue
			}
			i = g.letter(i)
		case c == ':':
			i = g.colon(i)
		case c == '@':
			i = g.at(i)
		case c == '-':
			i = g.dash(i)
		default:
			i++
		}
	}
	if g.done == 0 {
		if at, _ := g.drawn(0, len(g.s)); at < 0 {
			return g.s
		}
	}
	g.copy(len(g.s))
	return g.out.String()
}

// mask cuts out a part. What was passed over already may be cut out as well, what
// was cut out is so once.
func (g *guess) mask(from, to int) int {
	from = max(from, g.done)
	if from >= to {
		return to
	}
	if g.done == 0 || from > g.done {
		g.copy(from)
		g.out.WriteString(Mask)
	}
	g.done = to
	return to
}

// copy takes over what was not cut out, except for what looks drawn.
func (g *guess) copy(to int) {
	for g.done < to {
		from, end := g.drawn(g.done, to)
		if from < 0 {
			break
		}
		g.out.WriteString(g.s[g.done:from] + Mask)
		g.done = end
	}
	g.out.WriteString(g.s[g.done:to])
	g.done = to
}

// shortestRun is the shortest run of letters and digits that may be a secret for
// what it looks like.
const shortestRun = 24

// drawn finds a run of letters and digits that nobody writes by hand. A digest of
// an image is none.
func (g *guess) drawn(from, to int) (start, end int) {
	for i := from; i < to; i++ {
		start = i
		for i < to && is(g.s[i], inRun) {
			i++
		}
		g.steps += i - start + 1
		if i-start < shortestRun {
			continue
		}
		g.steps += i - start
		if before := g.s[:start]; random(g.s[start:i]) && !strings.HasSuffix(before, "sha256:") && !strings.HasSuffix(before, "sha512:") {
			return start, i
		}
	}
	return -1, -1
}

// letter looks at what begins with a letter, and returns where to go on.
func (g *guess) letter(i int) int {
	first := i == 0 || !alphanumeric(g.s[i-1]) && g.s[i-1] != '_'
	if first {
		if end := g.token(i); end > i {
			return end
		}
	}
	if i+1 == len(g.s) {
		return i + 1
	}
	for _, w := range words[pair(g.s[i], g.s[i+1])] {
		g.steps++
		if !begins(g.s[i:], w.text) {
			continue
		}
		g.steps += len(w.text)
		if end := g.word(i, w, first); end > i {
			return end
		}
	}
	return i + 1
}

// word looks at what follows a word, and returns i if it means nothing here.
func (g *guess) word(i int, w word, first bool) int {
	end := i + len(w.text)
	switch w.kind {
	case client:
		g.client = true
	case quoter:
		return g.quoter(i, end)
	case until:
		if _, at := g.last(end); at >= 0 {
			return g.mask(end, at)
		}
	case scheme:
		if first {
			return g.scheme(i, end)
		}
	case holder:
		if g.alone(i, end, first) && i <= g.held && g.held > 0 {
			return g.holder(i, end)
		}
	case brief, equal:
		if g.alone(i, end, first) {
			return g.brief(i, end, w.kind)
		}
	case named, object, header:
		return g.key(i, g.name(end), w.kind)
	}
	return i
}

// alone tells whether a word is the last one of a name.
func (g *guess) alone(i, end int, first bool) bool {
	if is(g.char(end), inName) {
		return false
	}
	camel := i > 0 && g.s[i] < 'a' && g.s[i-1] >= 'a'
	return first || g.s[i-1] == '_' || camel
}

// quoter cuts out what stands in quotes there, and leaves these.
func (g *guess) quoter(i, end int) int {
	v := g.spaces(end)
	if !is(g.char(v), inQuote) {
		return i
	}
	if end = g.quoted(v); end > v+1 && g.s[end-1] == g.s[v] {
		return g.mask(v+1, end-1) + 1
	}
	return g.mask(v+1, end)
}

// char is the character there, 0 behind the end.
func (g *guess) char(i int) byte {
	if i < len(g.s) {
		return g.s[i]
	}
	return 0
}

// name is the end of a name.
func (g *guess) name(i int) int {
	from := i
	for i < len(g.s) && is(g.s[i], inName) {
		i++
	}
	g.steps += i - from
	return i
}

// spaces is where spaces end.
func (g *guess) spaces(i int) int {
	from := i
	for i < len(g.s) && is(g.s[i], inSpace) && i < from+maxSpaces {
		i++
	}
	g.steps += i - from
	return i
}

// maxSpaces is how many of them may be between a key and its value.
const maxSpaces = 64
