package differ

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// fieldName is what a key must look like to be a name and not somebody's data.
var fieldName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,40}$`)

// json makes a tree of a decoded document.
func (b *builder) json(v any, depth int) *node {
	if b.nodes--; b.nodes < 0 || depth > maxDepth {
		b.cut = true
		return &node{Tag: null}
	}
	out := &node{}
	switch v := v.(type) {
	case nil:
		out.Tag = null
	case bool:
		out.Tag, out.Tokens = boolean, []token{{Key: b.hash(strconv.FormatBool(v)), text: strconv.FormatBool(v)}}
	case json.Number:
		out.Tag, out.Tokens = numeric, []token{{Key: b.hash(v.String()), Kind: number, text: v.String()}}
	case string:
		out.Tag, out.Tokens, out.Tail = scalar, b.split(nil, v, ""), tail(v)
		b.mark(out.Tokens)
	case []any:
		out.Tag = array
		for i, item := range v {
			if b.nodes < 0 {
				break
			}
			kid := b.json(item, depth+1)
			kid.Label = "[" + strconv.Itoa(i) + "]"
			out.Kids = append(out.Kids, kid)
		}
	case map[string]any:
		out.Tag = object
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if b.nodes < 0 {
				break
			}
			kid := b.json(v[key], depth+1)
			kid.Name, kid.Label = key, "."+key
			if !fieldName.MatchString(key) || b.knows(key) {
				kid.Name, kid.Label = strconv.FormatUint(b.hash(key), 36), "[…]"
			}
			out.Kids = append(out.Kids, kid)
		}
	}
	return out
}

// document compares two JSON documents.
func (f *finder) document(old, now *node) {
	c := &comparison{finder: f, old: old, now: now, fresh: map[uint64]int{}}
	if c.failed(old, now) {
		return
	}
	c.value(old, now)
}

// errorKeys are how a document says that it is an error.
var errorKeys = []string{"error", "errors", "exception", "traceback", "stacktrace", "stack", "fault"}

// failed tells whether a document is nothing but an error, though the status
// does not say so.
func (c *comparison) failed(old, now *node) bool {
	if now.Tag != object {
		return false
	}
	says := ""
	for _, k := range now.Kids {
		if accuses(k, field(old, k.Name)) {
			says = k.Name
		}
	}
	kept := 0
	for _, k := range old.Kids {
		if other := field(now, k.Name); old.Tag == object && other != nil && (other.filled || !k.filled) {
			kept++
		}
	}
	flag := says == "ok" || says == "success"
	if says == "" || !flag && 2*kept > len(old.Kids) {
		return false
	}
	c.convict(ErrorPage, "$."+says, old.text(), now.text(), "the document is an error now, whatever its status")
	return true
}

// accuses tells whether a field says that the document is an error, and did not
// say so before.
func accuses(k, was *node) bool {
	no := spell(k.Tokens, "") == "false"
	if slices.Contains(errorKeys, strings.ToLower(k.Name)) {
		return k.filled && !no && (was == nil || !was.filled)
	}
	return (k.Name == "ok" || k.Name == "success") && no && was != nil && !was.Unstable && was.Tag == boolean && was.hash != k.hash
}

func field(n *node, name string) *node {
	for _, k := range n.Kids {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// value compares two values at the same place.
func (c *comparison) value(o, n *node) {
	o.match, n.match = n, o
	if o.Unstable || o.hash == n.hash && len(o.Tokens) == 0 {
		return
	}
	if o.filled && !n.filled && !optional(o) && !trivial(o) {
		kind, why := Empty, "it had a value on both old pods and is empty now"
		if n.Tag == null {
			kind, why = Null, "it had a value on both old pods and is null now"
		}
		c.convict(kind, n.where(), o.text(), n.text(), "%s", why)
		return
	}
	if literal := nullText(o, n); literal != "" {
		c.convict(Null, n.where(), o.text(), n.text(), "%s where there was a value", literal)
		return
	}
	switch {
	case o.Tag != n.Tag:
		c.add(Changed, n.where(), o.Tag[1:]+" "+o.text(), n.Tag[1:]+" "+n.text())
	case o.Tag == object:
		c.object(o, n)
	case o.Tag == array:
		c.array(o, n)
	case o.Tag == scalar:
		c.spaced = spacedTokens(o.Tokens)
		c.sentence(o, n)
	default:
		c.plain(o, n)
	}
}

// plain compares numbers and booleans.
func (c *comparison) plain(o, n *node) {
	if o.hash != n.hash && len(o.Tokens) > 0 && !o.Tokens[0].Volatile {
		c.add(Changed, n.where(), o.text(), n.text())
	}
}

// nullText is the literal for nothing that a text is where there was a value.
func nullText(o, n *node) string {
	literal := literalTokens(n.Tokens)
	switch {
	case n.Tag != scalar || literal == "" || !o.filled || literalTokens(o.Tokens) != "":
		return ""
	case slices.Contains(never, literal) || o.Tag != scalar || valued(o.Tokens):
		return literal
	}
	return ""
}

func (c *comparison) object(o, n *node) {
	for _, k := range o.Kids {
		if other := field(n, k.Name); other != nil {
			c.value(k, other)
		} else if !k.Unstable {
			c.add(Removed, k.where(), k.text(), "")
		}
	}
	for _, k := range n.Kids {
		if field(o, k.Name) == nil && !o.Fluid {
			c.add(Added, k.where(), "", k.text())
		}
	}
}

// array compares lists item by item, each with its like.
func (c *comparison) array(o, n *node) {
	paired, taken := map[int]bool{}, map[int]bool{}
	for _, p := range alignNodes(o.Kids, n.Kids) {
		paired[p.o], taken[p.n] = true, true
		if weakPair(o.Kids[p.o], n.Kids[p.n]) && len(o.Kids) != len(n.Kids) {
			continue // It may be another item.
		}
		c.value(o.Kids[p.o], n.Kids[p.n])
	}
	for i, k := range o.Kids {
		if !paired[i] && !k.Unstable && !o.Fluid {
			c.add(Removed, k.where(), k.text(), "")
		}
	}
	for j, k := range n.Kids {
		if !taken[j] && !o.Fluid {
			c.add(Added, k.where(), "", k.text())
		}
	}
}

func weakPair(o, n *node) bool { return o.hash != n.hash && likeness(o, n) < 0.3 }
