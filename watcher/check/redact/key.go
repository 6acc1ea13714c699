package redact

import (
	"slices"
	"strings"
)

// key looks at what follows the name of a secret, which ends there.
func (g *guess) key(start, end int, k kind) int {
	closed := g.closers(end)
	v, sep, colon := g.separator(closed)
	switch {
	case sep && (closed > end && g.object(start) || colon && g.sentence(v)):
		return end
	case sep:
		return g.set(v, k)
	case g.char(end) == '>' && g.opened(start):
		return g.mask(end+1, g.upTo(end+1, '<'))
	}
	g.held = end + maxHeld
	if v, ok := g.argument(start, end, closed); ok {
		return v
	}
	return g.spoken(end, k)
}

// set cuts out a value. It may be on the next line.
func (g *guess) set(v int, k kind) int {
	switch {
	case v == len(g.s):
		g.open = true
		return v
	case k == header:
		return g.mask(v, g.line(v))
	}
	return g.mask(v, g.value(v))
}

// brief looks at what follows a short name.
func (g *guess) brief(start, end int, k kind) int {
	closed := g.closers(end)
	v, sep, colon := g.separator(closed)
	// As a key of JSON, auth is what docker calls a credential.
	docker := closed > end && begins(g.s[start:], "auth") && is(g.char(v), inQuote)
	switch {
	case !sep, colon && g.sentence(v), k == equal && (colon && !docker || g.names(v)):
		return start
	}
	return g.set(v, k)
}

// holder looks at the key of a value whose name was read.
func (g *guess) holder(start, end int) int {
	v, sep, _ := g.separator(g.closers(end))
	switch {
	case sep:
		g.held = 0
		return g.set(v, holder)
	case g.char(end) == '>' && g.opened(start):
		return g.mask(end+1, g.upTo(end+1, '<'))
	}
	return start
}

// names tells whether a value in quotes is the name of a secret, and not one: <add
// key="Password" value="x"/>.
func (g *guess) names(v int) bool {
	if !is(g.char(v), inQuote) {
		return false
	}
	for i := v + 1; i+1 < len(g.s) && i-v < maxName && !is(g.s[i], inQuote); i++ {
		g.steps++
		for _, w := range words[pair(g.s[i], g.s[i+1])] {
			if w.kind <= header && begins(g.s[i:], w.text) {
				return true
			}
		}
	}
	return false
}

// closing is what may stand between a key and its separator, each also as URLs,
// JSON and HTML write it.
var closing = []string{"\"", "'", "`", "]", "\\", "%22", "%27", "%5d", "&quot;", "&#34;", "&#39;", "&apos;"}

// closers is the end of at most four of them.
func (g *guess) closers(i int) int {
	for range 4 {
		at := slices.IndexFunc(closing, func(c string) bool { return begins(g.s[i:], c) })
		g.steps++
		if at < 0 {
			break
		}
		i += len(closing[at])
	}
	return i
}

// separators stand between a key and its value.
var separators = []string{"=", ":", "%3d", "%3a", `\u003d`, `\u003a`, "&#61;", "&#x3d;"}

// separator is where a value begins, whether there is one, and whether colons
// alone stand before it.
func (g *guess) separator(i int) (value int, found, colon bool) {
	value, colon = g.spaces(i), true
	for range 3 {
		at := slices.IndexFunc(separators, func(c string) bool { return begins(g.s[value:], c) })
		g.steps++
		if at < 0 {
			break
		}
		value, found, colon = value+len(separators[at]), true, colon && at%2 == 1 && at < 6
	}
	if !found {
		return i, false, false
	}
	if value < len(g.s) && g.s[value] == '>' { // As in =>.
		value, colon = value+1, false
	}
	return g.spaces(value), true, colon
}

// object tells whether the name that ends in quotes is one of an object in a
// sentence: volume "db-password" : secret not found.
func (g *guess) object(start int) bool {
	from := start
	for from > 0 && start-from < maxName && is(g.s[from-1], inName) {
		from--
	}
	g.steps += start - from
	if from < 2 || !is(g.s[from-1], inQuote) || g.s[from-2] != ' ' {
		return false
	}
	end := from - 2
	for from = end; from > 0 && end-from < maxName && letter(g.s[from-1]); {
		from--
	}
	return slices.ContainsFunc(objects, func(o string) bool { return len(o) == end-from && begins(g.s[from:], o) })
}

// maxName is the longest name that is looked at before, or between, others.
const maxName = 64

// sentence tells whether the colon before v is one of a sentence: token: unexpected
// status.
func (g *guess) sentence(v int) bool {
	if !is(g.s[v-1], inSpace) {
		return false
	}
	end := v
	for end < len(g.s) && end-v < maxName && !is(g.s[end], inSpace) {
		end++
	}
	g.steps += end - v
	return slices.ContainsFunc(sentence, func(w string) bool { return len(w) == end-v && begins(g.s[v:], w) })
}

// opened tells whether the name there is that of an element of XML.
func (g *guess) opened(start int) bool {
	from := start
	for from > 0 && start-from < maxName && (is(g.s[from-1], inName) || g.s[from-1] == ':') {
		from--
	}
	g.steps += start - from
	return from > 0 && g.s[from-1] == '<'
}

// argument is the end of a value that follows a flag, or a member of a list:
// --password x, ["--secret", "x"].
func (g *guess) argument(start, end, closed int) (int, bool) {
	from := start
	for from > 0 && start-from < maxName && is(g.s[from-1], inName) {
		from--
	}
	g.steps += start - from
	v := g.spaces(closed)
	if closed > end && from > 0 && is(g.s[from-1], inQuote) {
		if g.char(v) != ',' {
			return 0, false
		}
		return g.member(g.spaces(v + 1))
	}
	if g.s[from] != '-' || v == closed {
		return 0, false
	}
	return g.set(v, named), true
}

// member is the end of the next member of a list, if it is one in quotes and not
// the next key.
func (g *guess) member(v int) (int, bool) {
	if v < len(g.s) {
		if !is(g.s[v], inQuote) {
			return 0, false
		}
		if _, key, _ := g.separator(g.quotedWithin(v, maxName)); key {
			return 0, false
		}
	}
	return g.set(v, named), true
}

// spoken is the end of a value in a sentence: the password is x1, using token
// x1, incorrect API key provided: x1.
func (g *guess) spoken(end int, k kind) int {
	v := g.spaces(end)
	if v == end || v == len(g.s) {
		return end
	}
	sure := false
	for _, verb := range []string{"is ", "was "} {
		if begins(g.s[v:], verb) {
			v, sure = g.spaces(v+len(verb)), true
		}
	}
	// What Kubernetes calls a secret is the name of one.
	if k == object && !sure {
		return end
	}
	if to, ok := g.said(v, sure); ok {
		return to
	}
	// It may stand behind the next colon.
	from := v
	for v-from < maxName && (g.char(v) == ' ' || is(g.char(v), inName)) {
		v++
	}
	g.steps += v - from
	if g.char(v) != ':' || k == object || !is(g.char(v+1), inSpace) {
		return end
	}
	if to, ok := g.said(g.spaces(v+1), false); ok {
		return to
	}
	return end
}

// said cuts out a value in a sentence, if it looks like one.
func (g *guess) said(v int, sure bool) (int, bool) {
	if v >= len(g.s) {
		return v, false
	}
	if is(g.s[v], inQuote) {
		end := g.quotedWithin(v, 4*maxName)
		if !sure && end < v+4*maxName && !mixed(g.s[v:end]) {
			return v, false // Such as: unexpected token "}".
		}
		return g.mask(v, g.quoted(v)), true
	}
	end := v
	for end < len(g.s) && !is(g.s[end], inSpace|inQuote) && strings.IndexByte(",;", g.s[end]) < 0 && end-v < maxName {
		end++
	}
	g.steps += end - v
	if word := g.s[v:end]; !mixed(word) || !sure && strings.IndexByte(word, '=') > 0 {
		return v, false
	}
	return g.mask(v, g.value(v)), true
}

// scheme is the end of a credential that follows the name of its kind.
func (g *guess) scheme(start, end int) int {
	v := g.spaces(end)
	to := v
	for to < len(g.s) && to-v < maxName && (is(g.s[to], inRun) || is(g.s[to], inName) || g.s[to] == '~') {
		to++
	}
	g.steps += to - v
	credential := g.s[v:to]
	if v == end || len(credential) < 6 {
		return start
	}
	for _, plain := range []string{"authentication", "authorization", "credential", "realm=", "token"} {
		if begins(credential, plain) {
			return start
		}
	}
	return g.mask(v, g.value(v))
}
