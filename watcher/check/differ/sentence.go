package differ

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// sentence compares two runs of text.
func (c *comparison) sentence(o, n *node) {
	convicted := c.inline(o, n)
	// Where a script fills something in, nothing is missing yet.
	convicted = convicted || slices.ContainsFunc(n.Kids, func(k *node) bool { return !k.filled && k.Bound })
	changed := false
	for _, r := range regions(o.Tokens, n.Tokens, alignTokens(o.Tokens, n.Tokens)) {
		kind, why := c.region(o, n, r)
		if kind != "" && !convicted {
			c.convict(kind, n.where(), spell(o.Tokens, o.Tail), spell(n.Tokens, n.Tail), "%s", why)
			return
		}
		changed = changed || !noisy(o, r)
	}
	if changed && !convicted {
		c.add(Changed, n.where(), o.text(), n.text())
	}
}

// noisy tells whether a region is where the old pods differ too.
func noisy(o *node, r region) bool {
	if r.o1 == r.o2 {
		return o.Fluid
	}
	for _, t := range o.Tokens[r.o1:r.o2] {
		if !t.Volatile {
			return false
		}
	}
	return true
}

// region judges one stretch that is not the same.
func (c *comparison) region(o, n *node, r region) (Kind, string) {
	gone, come := o.Tokens[r.o1:r.o2], n.Tokens[r.n1:r.n2]
	if len(gone) == 0 || slices.ContainsFunc(gone, func(t token) bool { return t.Optional }) {
		return "", ""
	}
	if text := literalTokens(come); text != "" && c.nulled(o, gone, text) {
		return Null, text + " where there was a value"
	}
	if c.known(o, n, gone, come) {
		return "", "" // It was moved within the sentence or the page.
	}
	if len(come) == 0 {
		if why := c.scarred(o, n, r); why != "" {
			return Hole, why
		}
		return "", ""
	}
	if slices.ContainsFunc(gone, func(t token) bool { return t.Known }) {
		// The sentence was reworded. Only a value of the persona's is missed.
		h := hole{after: at(n.Tokens, r.n2-1), before: at(n.Tokens, r.n2), gap: gapAt(n, r.n2)}
		if last := at(o.Tokens, r.o2); last != nil {
			h.right = last.Gap
		}
		if h.right == "" && !c.spaced && h.dangling() {
			return Hole, "the sentence was reworded, and a value of the persona is missing from it"
		}
	}
	return "", ""
}

// known tells whether all that the region had of the persona is still there:
// further on in the sentence, or in what was added to the page.
func (c *comparison) known(o, n *node, gone, come []token) bool {
	any := false
	for _, t := range gone {
		if !t.Known {
			continue
		}
		any = true
		if count(n.Tokens, t.Key) < count(o.Tokens, t.Key) && !slices.ContainsFunc(come, func(u token) bool { return u.Known }) &&
			c.fresh[t.Key] == 0 {
			return false
		}
	}
	if any {
		return true
	}
	// A value that is not the persona's has moved if all of it was added anew.
	for _, t := range gone {
		if (t.Kind == word || t.Kind == number) && c.fresh[t.Key] == 0 {
			return false
		}
	}
	return slices.ContainsFunc(gone, func(t token) bool { return t.Kind == word || t.Kind == number })
}

func count(tokens []token, key uint64) int {
	n := 0
	for _, t := range tokens {
		if t.Key == key {
			n++
		}
	}
	return n
}

// inline judges the elements within a sentence that have nothing in them any
// more, where those of the old can be told one by one.
func (c *comparison) inline(o, n *node) bool {
	tags := map[string][2]int{}
	for i, side := range [][]*node{o.Kids, n.Kids} {
		for _, k := range side {
			v := tags[k.Tag]
			v[i]++
			tags[k.Tag] = v
		}
	}
	convicted := false
	seen := map[string]int{}
	for _, k := range n.Kids {
		at := seen[k.Tag]
		seen[k.Tag]++
		if tags[k.Tag][0] != tags[k.Tag][1] {
			continue
		}
		was := nth(o.Kids, k.Tag, at)
		c.attrs(was, k)
		_, convicts := c.emptied(was, k)
		convicted = convicted || convicts
	}
	return convicted
}

func nth(kids []*node, tag string, at int) *node {
	for _, k := range kids {
		if k.Tag == tag {
			if at == 0 {
				return k
			}
			at--
		}
	}
	return nil // Never: there are as many as were counted.
}

// The words that programs write where there is nothing. Those in plain are
// also words that people write.
var (
	never = []string{"undefined", "NaN", "[object Object]", "<no value>", "Invalid Date", "<nil>", "%!s(<nil>)", "%!d(<nil>)", "(null)"}
	plain = []string{"None", "null", "NULL", "nil", "Null"}
)

// literalTokens is the literal that tokens are made of, one or several times.
func literalTokens(tokens []token) string {
	if len(tokens) == 0 || len(tokens) > 24 || slices.ContainsFunc(tokens, func(t token) bool { return t.text == "" }) {
		return ""
	}
	text := spell(tokens, "")
	for _, l := range append(slices.Clone(never), plain...) {
		if strings.TrimSpace(strings.ReplaceAll(text, l, "")) == "" {
			return l
		}
	}
	return ""
}

// literal is the literal that stands in a path.
func literal(path string) string {
	for part := range strings.SplitSeq(strings.TrimPrefix(path, "//"), "/") {
		if slices.Contains(never, part) || slices.Contains(plain, part) {
			return part
		}
	}
	return ""
}

// nulled tells whether a literal stands where a value stood. A word that
// people write too must have taken the place of what is plainly a value.
func (c *comparison) nulled(o *node, gone []token, text string) bool {
	if len(gone) > 40 || !slices.ContainsFunc(gone, func(t token) bool { return t.Kind == word || t.Kind == number }) {
		return false
	}
	if literalTokens(gone) != "" {
		return false
	}
	if text == "undefined" || text == "NaN" {
		return valued(gone) || len(gone) == len(o.Tokens)
	}
	return slices.Contains(never, text) || valued(gone)
}

// valued tells whether tokens are plainly a value, not wording.
func valued(tokens []token) bool {
	return slices.ContainsFunc(tokens, func(t token) bool {
		return t.Known || substantial(t) || t.Punct == "@"
	})
}

func at(tokens []token, i int) *token {
	if i < 0 || i >= len(tokens) || tokens[i].Kind == line {
		return nil
	}
	return &tokens[i]
}

// gapAt is the space before token i, or at the end.
func gapAt(n *node, i int) string {
	if i < len(n.Tokens) {
		return n.Tokens[i].Gap
	}
	return n.Tail
}

// rune0 is the character of punctuation that a token is, or 0.
func rune0(t *token) rune {
	if t == nil || t.Kind != punct {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(t.Punct)
	return r
}
