package redact

import "strings"

// value is the end of a value: pieces in quotes, in brackets and bare ones that
// nothing separates, as shells have them. A comma that no next key follows is
// part of it.
func (g *guess) value(v int) int {
	i := g.intro(v)
	for from := i; i < len(g.s) && !is(g.s[i], inSpace); {
		next, last := g.piece(i, i == from)
		if last {
			return next
		}
		i = next
	}
	return i
}

// piece is the end of a part of a value, and whether it is the last one.
func (g *guess) piece(i int, first bool) (end int, last bool) {
	c, quote := g.s[i], i
	for g.char(quote) == '\\' {
		quote++
	}
	g.steps += quote - i + 1
	switch {
	case is(g.char(quote), inQuote):
		if !first && g.ends(quote+1) {
			return i, true
		}
		end = g.quoted(i)
		return end, g.ends(end)
	case quote > i:
		return quote, false
	case is(c, opens):
		end = g.bracket(i)
		return end, g.ends(end)
	case is(c, joins):
		if end, last = g.next(i); last {
			return i, true
		}
		return end, false
	case is(c, closes) && g.ends(i):
		return i, true
	}
	return i + 1, false
}

// intro is where a value begins behind the scheme of a credential or the type
// that YAML may put before it.
func (g *guess) intro(v int) int {
	i := v
	for i < len(g.s) && i-v < maxName && (is(g.s[i], inName) || g.s[i] == '!') {
		i++
	}
	g.steps += i - v
	if i == v || i == len(g.s) || !is(g.s[i], inSpace) {
		return v
	}
	switch strings.ToLower(g.s[v:i]) { // It allocates where it is cut out only.
	case "bearer", "basic", "digest", "token", "negotiate":
		return g.spaces(i)
	}
	if g.s[v] == '!' {
		return g.spaces(i)
	}
	return v
}

// ends tells whether a value may end before i: with the text, a space, or what
// closes or separates.
func (g *guess) ends(i int) bool {
	if i >= len(g.s) {
		return true
	}
	c := g.s[i]
	if is(c, closes) {
		// A bracket that closes nothing ends a value if nothing goes on behind it.
		return i+1 >= len(g.s) || !alphanumeric(g.s[i+1])
	}
	return is(c, inSpace|inQuote|joins) && !is(c, inQuote) || c == ':' || c == '<' || c == '\\' || c == '/' || c == '.'
}

// next tells whether a value ends before the commas at i: where they are the last,
// or another key follows. It returns where they end.
func (g *guess) next(i int) (end int, last bool) {
	end = i
	for end < len(g.s) && is(g.s[end], joins) {
		end++
	}
	g.steps += end - i
	if end == len(g.s) || is(g.s[end], inSpace|closes) {
		return end, true
	}
	name := end
	for name < len(g.s) && name-end < 4 && (is(g.s[name], inQuote) || g.s[name] == '\\') {
		name++
	}
	from := name
	for name < len(g.s) && name-from < maxName && is(g.s[name], inName) {
		name++
	}
	g.steps += name - from
	if name == from {
		return end, false
	}
	_, key, _ := g.separator(g.closers(name))
	return end, key
}

// quoted is the end of what begins with a quote, which backslashes may escape. It
// ends with a quote that is escaped as deep, or less deep.
func (g *guess) quoted(i int) int { return g.quotedWithin(i, len(g.s)) }

func (g *guess) quotedWithin(i, most int) int {
	from := i
	for i < len(g.s) && g.s[i] == '\\' {
		i++
	}
	depth := i - from
	if i == len(g.s) {
		return i
	}
	quote := g.s[i]
	end, run := min(len(g.s), i+1+min(most, len(g.s))), 0
	for i++; i < end; i++ {
		g.steps++
		switch g.s[i] {
		case '\\':
			run++
			continue
		case quote:
			if run < depth || run%(2*depth+2) == depth {
				return i + 1
			}
		}
		run = 0
	}
	return end
}

// bracket is the end of what a bracket opens; brackets in quotes do not count. One
// that is not closed goes on to the end of the text.
func (g *guess) bracket(i int) int {
	depth := 0
	for i < len(g.s) {
		g.steps++
		c := g.s[i]
		switch {
		case is(c, opens):
			depth++
		case is(c, closes) && c != '>':
			if depth--; depth == 0 {
				return i + 1
			}
		case c == '"', c == '\'' && !alphanumeric(g.s[i-1]):
			i = g.quoted(i)
			continue
		}
		i++
	}
	return i
}

// line is the end of a header: its quote or bracket, or else the end of the line
// or of the quotes that the line stands in.
func (g *guess) line(v int) int {
	if is(g.s[v], inQuote|opens) || g.s[v] == '\\' {
		return g.value(v)
	}
	for i := v; i < len(g.s); {
		g.steps++
		c := g.s[i]
		switch {
		case c == '\n':
			return i
		case is(c, inQuote) && i > v && g.s[i-1] == '=' && !g.ends(i+1):
			i = g.quoted(i)
		case is(c, inQuote) && g.ends(i+1):
			if i > v && g.s[i-1] == '\\' {
				return i - 1
			}
			return i
		default:
			i++
		}
	}
	return len(g.s)
}

// upTo is where a character stands, or the end.
func (g *guess) upTo(i int, c byte) int {
	n := strings.IndexByte(g.s[i:], c)
	if n < 0 {
		n = len(g.s) - i
	}
	g.steps += n
	return i + n
}
