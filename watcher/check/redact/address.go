package redact

import "strings"

// colon looks at a URL: what stands before its host is a secret, also in one that
// cannot be parsed because its password was not escaped.
func (g *guess) colon(i int) int {
	if !strings.HasPrefix(g.s[i:], "://") {
		return i + 1
	}
	from := i + len("://")
	at, port := -1, -1
	end := from
	for ; end < len(g.s) && g.s[end] != '/' && !is(g.s[end], inEnd); end++ {
		switch {
		case g.s[end] == '@':
			at = end
		case g.s[end] == ':' && port < 0:
			port = end
		}
	}
	g.steps += end - from
	if at < 0 && port >= 0 {
		_, at = g.last(end)
	}
	if at < 0 || port >= 0 && port < at && g.digitsThenPath(port+1) {
		return from
	}
	return g.mask(from, at)
}

// last is the end of the word at i, and where its last sign @ is, or -1.
func (g *guess) last(i int) (end, at int) {
	if i >= g.wordEnd {
		g.wordAt = -1
		for g.wordEnd = i; g.wordEnd < len(g.s) && !is(g.s[g.wordEnd], inEnd); g.wordEnd++ {
			if g.s[g.wordEnd] == '@' {
				g.wordAt = g.wordEnd
			}
		}
		g.steps += g.wordEnd - i
	}
	if g.wordAt < i {
		return g.wordEnd, -1
	}
	return g.wordEnd, g.wordAt
}

// digitsThenPath tells a port from a password: digits up to a slash.
func (g *guess) digitsThenPath(i int) bool {
	from := i
	for i < len(g.s) && g.s[i] >= '0' && g.s[i] <= '9' {
		i++
	}
	g.steps += i - from
	return i > from && i < len(g.s) && strings.IndexByte("/?#", g.s[i]) >= 0
}

// at looks at what stands before a sign @: a user and a password without a URL,
// as some drivers of databases take them. The digest of an image follows one too.
func (g *guess) at(i int) int {
	rest := g.s[i+1:]
	if rest == "" || strings.HasPrefix(rest, "sha256:") || strings.HasPrefix(rest, "sha512:") ||
		!alphanumeric(rest[0]) && strings.IndexByte("[(/", rest[0]) < 0 {
		return i + 1
	}
	from := i
	for from > g.done && !is(g.s[from-1], inSpace|inQuote) && strings.IndexByte(":@/", g.s[from-1]) < 0 {
		from--
	}
	g.steps += i - from
	if from == i || from == g.done || g.s[from-1] != ':' {
		return i + 1
	}
	user := from - 1
	for user > g.done && is(g.s[user-1], inName) {
		user--
	}
	g.steps += from - user
	if user < from-1 {
		g.mask(user, i)
	}
	return i + 1
}
