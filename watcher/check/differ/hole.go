package differ

import (
	"slices"
	"strings"
)

// hole is a place where words are missing.
type hole struct {
	// after and before are the neighbours; nil is the end of the sentence.
	after, before *token
	// left and right are the spaces around the missing words, gap what is there
	// now.
	left, right, gap string
	missing          []token
}

const (
	closing    = "!?.,;:)]}%»”"
	opening    = "([{«“"
	pairs      = "()[]{}«»“”\"\"''"
	separators = ",;/|·•–—-"
	labels     = ":=#@"
	amounts    = "$€£¥#"
)

// scarred says what betrays that words were taken out by a template and not by
// an author, or nothing. Where the same change can be read in more than one way
// (one of two equal words is missing), every reading must betray it.
func (c *comparison) scarred(o, n *node, r region) string {
	why := ""
	for shift := range shifts(o.Tokens, r) {
		h := hole{
			after: at(o.Tokens, r.o1+shift-1), before: at(o.Tokens, r.o2+shift),
			left: gapAt(o, r.o1+shift), right: gapAt(o, r.o2+shift), gap: gapAt(n, r.n1+shift),
			missing: o.Tokens[r.o1+shift : r.o2+shift],
		}
		if why = c.scar(h, n); why == "" {
			return ""
		}
	}
	return why
}

// shifts yields how far a deletion can be moved to either side.
func shifts(o []token, r region) func(func(int) bool) {
	return func(yield func(int) bool) {
		low := 0
		for r.o1+low > 0 && alike(o[r.o1+low-1], o[r.o2+low-1]) {
			low--
		}
		for s := low; ; s++ {
			if !yield(s) || r.o2+s >= len(o) || !alike(o[r.o1+s], o[r.o2+s]) {
				return
			}
		}
	}
}

// scar looks at one reading of a deletion.
func (c *comparison) scar(h hole, n *node) string {
	words := slices.ContainsFunc(h.missing, func(t token) bool { return t.Kind == word || t.Kind == number })
	if !words || h.gap != h.left+h.right {
		return "" // The author has tidied up.
	}
	for _, look := range []func(hole, *node) string{c.punctuation, c.dangle, c.amountless, c.spaces} {
		if why := look(h, n); why != "" {
			return why
		}
	}
	return ""
}

// punctuation looks for marks that stand where they never do.
func (c *comparison) punctuation(h hole, n *node) string {
	a, b := rune0(h.after), rune0(h.before)
	switch {
	case h.right == "" && !c.spaced && h.dangling():
		return "a space is left before " + string(b)
	case strings.TrimSpace(h.gap) == "" && enclosed(a, b):
		return "nothing is left between " + string(a) + " and " + string(b)
	case h.after == nil && b != 0 && strings.ContainsRune(",;:.!?'’)", b) && n.Tokens[0].Key == h.before.Key:
		return "the sentence begins with " + string(b)
	}
	return ""
}

// dangle looks for separators and labels with nothing after them.
func (c *comparison) dangle(h hole, n *node) string {
	a := rune0(h.after)
	switch {
	case separated(a) && (h.before == nil || separated(rune0(h.before))),
		h.before == nil && a != 0 && strings.ContainsRune(labels, a) && !c.followed(n):
		return "nothing is left after " + string(a)
	}
	return ""
}

// amountless looks for signs of an amount without the number.
func (c *comparison) amountless(h hole, _ *node) string {
	a, b := rune0(h.after), rune0(h.before)
	first, last := h.missing[0].Kind == number, h.missing[len(h.missing)-1].Kind == number
	switch {
	case first && amount(a) && (h.before == nil || h.before.Kind != number):
		return "no number is left after " + string(a)
	case last && (b == '%' || amount(b)) && (h.after == nil || h.after.Kind != number):
		return "no number is left before " + string(b)
	}
	return ""
}

// spaces looks for space that no browser shows. Authors leave that behind too,
// so that nothing but a value may be missing.
func (c *comparison) spaces(h hole, _ *node) string {
	switch {
	case h.gap == "" || !valued(h.missing) || !value(h.missing):
		return ""
	case h.left != "" && h.right != "":
		return "two spaces are left where a value was"
	case h.after == nil && h.right != "" || h.before == nil && h.left != "":
		return "a space is left where a value was"
	}
	return ""
}

// dangling tells whether a space stands before closing punctuation.
func (h hole) dangling() bool {
	b := rune0(h.before)
	return b != 0 && strings.ContainsRune(closing, b) && b != '%' && h.gap != "" && !strings.ContainsAny(h.gap, "\u00a0\u202f\u2009")
}

// value tells whether tokens hold no wording.
func value(tokens []token) bool {
	return !slices.ContainsFunc(tokens, func(t token) bool { return t.Kind == word && !t.Known && !t.Volatile })
}

func enclosed(a, b rune) bool {
	if a == 0 || b == 0 {
		return false
	}
	all := []rune(pairs)
	for i := 0; i < len(all); i += 2 {
		if all[i] == a && all[i+1] == b {
			return true
		}
	}
	return false
}

func separated(r rune) bool { return r != 0 && strings.ContainsRune(separators, r) }
func amount(r rune) bool    { return r != 0 && strings.ContainsRune(amounts, r) }

// followed tells whether something comes after a sentence that did not come
// after the old one: a label's value may have moved there.
func (c *comparison) followed(n *node) bool {
	if n.parent == nil || n.document() {
		return false
	}
	for p := n; p.parent != nil && p.Tag != "body"; p = p.parent {
		i := slices.Index(p.parent.Kids, p)
		if i+1 < len(p.parent.Kids) {
			return p.parent.Kids[i+1].match == nil
		}
	}
	return false
}

// spaced tells whether a page puts a space before its punctuation, as French
// does. An empty value in the old page looks the same, which is fine: what the
// old page does is no fault of the new one.
func spaced(n *node) bool {
	found := false
	n.all(func(k *node) bool {
		if k.Tag != run {
			return true
		}
		found = found || spacedTokens(k.Tokens)
		return !found
	})
	return found
}

func spacedTokens(tokens []token) bool {
	for i, t := range tokens {
		if i > 0 && t.Kind == punct && strings.Contains("!?:;", t.Punct) && t.Gap != "" {
			return true
		}
	}
	return false
}

// spacedApart looks for the same in what was added.
func spacedApart(added []*node) bool { return slices.ContainsFunc(added, spaced) }
