package redact

import "strings"

// heads are the letters that credentials of known form begin with.
var heads = func() (of [256]bool) {
	for _, t := range tokens {
		of[t.prefix[0]] = true
	}
	for _, hook := range hooks {
		of[hook[0]] = true
	}
	return of
}()

// token is the end of a credential of known form, or i.
func (g *guess) token(i int) int {
	if !heads[g.s[i]] {
		return i
	}
	rest := g.s[i:]
	for _, t := range tokens {
		if rest[0] != t.prefix[0] || !strings.HasPrefix(rest, t.prefix) {
			continue
		}
		g.steps += len(t.prefix)
		from := i + len(t.prefix)
		end := from
		for end < len(g.s) && end-from < t.least && is(g.s[end], inName) {
			end++
		}
		g.steps += end - from
		if end-from == t.least {
			return g.mask(i, g.name(end))
		}
	}
	for _, hook := range hooks {
		if rest[0] == hook[0] && strings.HasPrefix(rest, hook) {
			end, _ := g.last(i)
			return g.mask(i+len(hook), end)
		}
	}
	return g.seed(i)
}

// seed is the end of a key of NATS: capital letters and digits from 2 to 7.
func (g *guess) seed(i int) int {
	const length = 56
	if g.s[i] != 'S' || len(g.s) < i+length || strings.IndexByte("ACNOUX", g.s[i+1]) < 0 {
		return i
	}
	end := i + 1
	for end < len(g.s) && (g.s[end] >= 'A' && g.s[end] <= 'Z' || g.s[end] >= '2' && g.s[end] <= '7') {
		end++
	}
	g.steps += end - i
	if end-i < length {
		return i
	}
	return g.mask(i, end)
}

// dash looks at private keys, and at flags that take a password.
func (g *guess) dash(i int) int {
	rest := g.s[i:]
	switch {
	case strings.HasPrefix(rest, begin):
		return g.privateKey(i)
	case i > 0 && !is(g.s[i-1], inSpace|inQuote) || len(rest) < 3:
	case rest[1] == 'u' && is(rest[2], inSpace):
		return g.user(i, i+len("-u"))
	case strings.HasPrefix(rest, "--user ") || strings.HasPrefix(rest, "--user="):
		return g.user(i, i+len("--user "))
	case rest[1] == 'p' && g.client:
		return g.set(g.spaces(i+len("-p")), named)
	}
	return i + 1
}

const begin, end = "-----BEGIN ", "-----END "

// privateKey is the end of one, or of the text.
func (g *guess) privateKey(i int) int {
	rest := g.s[i:]
	if !strings.Contains(rest[:min(len(rest), maxName)], "PRIVATE KEY") {
		return i + len(begin)
	}
	stop := strings.Index(rest, end)
	if stop < 0 {
		return g.mask(i, len(g.s))
	}
	g.steps += stop
	return g.mask(i, g.upTo(i+stop, '\n'))
}

// user is the end of a name and a password behind a flag.
func (g *guess) user(i, v int) int {
	if v = g.spaces(v); !g.pair(v) {
		return i + 1
	}
	return g.mask(v, g.value(v))
}

// pair tells whether a name and a colon stand there, as curl -u has them.
func (g *guess) pair(v int) bool {
	if v < len(g.s) && is(g.s[v], inQuote) {
		v++
	}
	end := v
	for end < len(g.s) && end-v < maxName && (is(g.s[end], inName) || g.s[end] == '@') {
		end++
	}
	g.steps += end - v
	return end+1 < len(g.s) && g.s[end] == ':' && !is(g.s[end+1], inSpace)
}
