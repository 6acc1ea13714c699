package differ

import (
	"slices"
	"strings"
)

// comparison is of one marked old tree with a new one.
type comparison struct {
	*finder
	old, now *node
	// spaced is set if the page puts a space before its punctuation.
	spaced bool
	// removed and added are what no child of a pair was paired with.
	removed, added []*node
	// fresh has the words of what was added, and how often.
	fresh map[uint64]int
	// work is how many pairs the second look has tried.
	work int
}

// maxWork bounds the second look at what was left over.
const maxWork = 200_000

// compare finds the differences of two pages or texts.
func (f *finder) compare(old, now *node) *comparison {
	c := &comparison{finder: f, old: old, now: now, fresh: map[uint64]int{}}
	var pairs [][2]*node
	c.walk(old, now, &pairs)
	c.rescue(&pairs)
	for _, n := range c.added {
		for _, w := range n.words {
			c.fresh[w]++
		}
	}
	c.spaced = spaced(old) || spacedApart(c.added) || strings.HasPrefix(strings.ToLower(now.value("lang")), "fr")
	for _, p := range pairs {
		c.judge(p[0], p[1])
	}
	c.left()
	return c
}

// walk pairs two nodes and then their children.
func (c *comparison) walk(o, n *node, pairs *[][2]*node) {
	o.match, n.match = n, o
	n.weak = o.hash != n.hash && likeness(o, n) == 0
	o.weak = n.weak
	*pairs = append(*pairs, [2]*node{o, n})
	if o.Tag == run {
		return // Its inline elements are judged with it.
	}
	found := alignNodes(o.Kids, n.Kids)
	paired, taken := make([]bool, len(o.Kids)), make([]bool, len(n.Kids))
	for _, p := range found {
		paired[p.o], taken[p.n] = true, true
		c.walk(o.Kids[p.o], n.Kids[p.n], pairs)
	}
	for i, k := range o.Kids {
		if !paired[i] {
			c.removed = append(c.removed, k)
		}
	}
	for j, k := range n.Kids {
		if !taken[j] {
			c.added = append(c.added, k)
		}
	}
}

// rescue pairs what was left over with its like anywhere else: releases move
// things, and wrap them.
func (c *comparison) rescue(pairs *[][2]*node) {
	var pool []*node
	for _, n := range c.added {
		n.all(func(k *node) bool {
			if k.parent == nil || k.parent.Tag != run {
				pool = append(pool, k)
			}
			return len(pool) < 2000
		})
	}
	rest := c.removed
	c.removed = nil
	for len(rest) > 0 {
		o := rest[0]
		rest = rest[1:]
		if best := c.like(o, pool); best != nil {
			c.walk(o, best, pairs)
			continue
		}
		if o.Tag != run && len(o.Kids) > 0 && len(pool) > 0 && c.work < maxWork && !o.Unstable {
			c.removed = append(c.removed, o) // Its children may be elsewhere.
			rest = append(slices.Clone(o.Kids), rest...)
			continue
		}
		c.removed = append(c.removed, o)
	}
	c.added = slices.DeleteFunc(c.added, func(n *node) bool { return n.match != nil })
	gone := map[*node]bool{}
	for _, o := range c.removed {
		gone[o] = true
	}
	c.removed = slices.DeleteFunc(c.removed, func(o *node) bool { return o.match != nil || gone[o.parent] })
}

// like is the node of a pool that is most like o, if any is enough.
func (c *comparison) like(o *node, pool []*node) *node {
	var best *node
	least := 0.6
	for _, n := range pool {
		if c.work++; c.work > maxWork {
			return best
		}
		if n.match != nil || !kindred(o, n) {
			continue
		}
		if n.hash == o.hash && o.filled {
			return n
		}
		if s := likeness(o, n); s > least {
			best, least = n, s
		}
	}
	return best
}

// judge tells how one pair differs.
func (c *comparison) judge(o, n *node) {
	if o.Unstable {
		return
	}
	c.attrs(o, n)
	if o.hash == n.hash && o.Tag != run {
		return
	}
	if empty, _ := c.emptied(o, n); empty {
		return
	}
	if o.Tag == run {
		c.sentence(o, n)
	}
}

// attrs tells of links and fields that changed in place.
func (c *comparison) attrs(o, n *node) {
	for _, a := range o.Attrs {
		b := n.attr(a.Key)
		if b == nil || a.Volatile || a.Value == b.Value {
			continue
		}
		switch {
		case a.Key == "href" && a.Value != "" && b.Value == "":
			c.convict(LostLink, n.where(), a.Value, "", "the link is still there and leads nowhere")
		case a.Key == "href" && literal(b.Value) != "" && literal(a.Value) == "":
			c.convict(Null, n.where(), a.Value, b.Value, "the link leads to %s", literal(b.Value))
		case a.Key == "value" && a.Known && b.Value == "":
			c.convict(Empty, n.where(), "a value of the persona", "", "the field was filled in and is empty now")
		case a.Key == "href", a.Key == "action", a.Key == "name", a.Key == "value":
			c.add(Attribute, n.where(), a.Key+" "+a.Value, a.Key+" "+b.Value)
		}
	}
}

// emptied tells whether there was something in the old element and nothing is
// in the new, and whether that convicts.
func (c *comparison) emptied(o, n *node) (empty, convicts bool) {
	if !o.filled || n.filled || o.Tag == run {
		return false, false
	}
	around := o.parent
	if around != nil && around.Tag == run {
		around = around.parent
	}
	if around != nil && around.match != nil && !around.match.filled {
		return true, false // It was told of what is around it.
	}
	why := c.harmless(o, n, around)
	if convicts = why == ""; convicts {
		why = "it had text on both old pods and has none now"
	}
	c.note(Empty, n.where(), o.text(), "", convicts, why)
	return true, convicts
}

// harmless says why an element may be empty on purpose, or nothing.
func (c *comparison) harmless(o, n, around *node) string {
	leaf := !slices.ContainsFunc(o.Kids, func(k *node) bool { return k.Tag != run })
	switch {
	case n.Bound && !o.Bound || n.Media:
		return "a script may fill it in"
	case passing(o):
		return "it is a notice that comes and goes"
	case trivial(o):
		return "there was nothing of substance"
	case around != nil && (around.match == nil || around.weak):
		return "what is around it may be something else"
	case optional(o):
		return "one of the old pods had less"
	case !leaf && !container(o.Tag) && !knows(o):
		return "it held more than text, and may have been cleared on purpose"
	case !sure(o, n):
		return "it may be another element"
	case c.moved(o):
		return "its text is elsewhere now"
	}
	return ""
}

// container tells whether an element is there for what it lists.
func container(tag string) bool {
	switch tag {
	case "ul", "ol", "dl", "table", "tbody", "tr", "select", "p", "li", "td", "dd":
		return true
	}
	return heading(tag)
}

// sure tells whether two elements are the same one, though they have no word
// in common: by name or class, or by their places among as many others.
func sure(o, n *node) bool {
	if o.Name != n.Name || o.Class != n.Class {
		return false
	}
	return o.Name != "" || o.Class != 0 || place(o) == place(n)
}

// place is an element's position among its kind, and how many of it there are.
func place(n *node) [2]int {
	if n.parent == nil {
		return [2]int{}
	}
	at, of := 0, 0
	for _, k := range n.parent.Kids {
		if k == n {
			at = of
		}
		if k.Tag == n.Tag {
			of++
		}
	}
	return [2]int{at, of}
}

// passing tells whether a node is, or is in, a notice that comes and goes.
func passing(n *node) bool {
	for ; n != nil && n.Tag != "body"; n = n.parent {
		if n.Passing {
			return true
		}
	}
	return false
}

// trivial tells whether a node says no more than nothing would: a dash, a
// zero, N/A, a literal that should not have been there.
func trivial(n *node) bool {
	if literalTokens(n.Tokens) != "" {
		return true
	}
	says := false
	n.all(func(k *node) bool {
		says = says || k.Media || slices.ContainsFunc(k.Tokens, func(t token) bool {
			return t.Kind == media || t.Kind == word && t.text != "N" && t.text != "A" || substantial(t)
		})
		return !says
	})
	return !says && n.Tag != array && n.Tag != object
}

// substantial tells whether a token is a number other than zero, as far as one
// can tell.
func substantial(t token) bool {
	return t.Kind == number && (t.text == "" || strings.Trim(t.text, "0.,") != "")
}

// optional tells whether an old pod had nothing where the other had this.
func optional(n *node) bool {
	all := true
	n.all(func(k *node) bool {
		for _, t := range k.Tokens {
			all = all && t.Optional
		}
		return all
	})
	return all && n.filled
}

func knows(n *node) bool {
	found := false
	n.all(func(k *node) bool {
		found = found || slices.ContainsFunc(k.Tokens, func(t token) bool { return t.Known })
		return !found
	})
	return found
}

// moved tells whether all words of a node are among what was added.
func (c *comparison) moved(o *node) bool {
	for _, w := range o.words {
		if c.fresh[w] == 0 {
			return false
		}
	}
	return len(o.words) > 0
}

// left tells of what was removed and added.
func (c *comparison) left() {
	for _, o := range c.removed {
		told := o.parent != nil && o.parent.match != nil && !o.parent.match.filled
		if !o.Unstable && o.filled && !told && (o.parent == nil || !o.parent.Fluid) {
			c.add(Removed, o.where(), o.text(), "")
		}
	}
	for _, n := range c.added {
		if n.filled && (n.parent == nil || n.parent.match == nil || !n.parent.match.Fluid) {
			c.add(Added, n.where(), "", n.text())
		}
	}
}
