package differ

import (
	"slices"
)

// node is an element, a run of inline text, or a value of a JSON document.
type node struct {
	// Tag is the element's, or one of the names below.
	Tag string `json:"t"`
	// Name is the element's id or the JSON key.
	Name  string  `json:"n,omitempty"`
	Class uint64  `json:"c,omitempty"`
	Attrs []attr  `json:"a,omitempty"`
	Kids  []*node `json:"k,omitempty"`
	// Tokens and Tail are a run's text.
	Tokens []token `json:"w,omitempty"`
	Tail   string  `json:"e,omitempty"`
	// Unstable is set if the old pods do not agree that it is there, and Fluid
	// if they do not agree on its children.
	Unstable bool `json:"u,omitempty"`
	Fluid    bool `json:"f,omitempty"`
	// Media is set if it shows something that is not text, Bound if something
	// other than its text fills it in, Passing if it is a notice that comes and goes, Aside if it is
	// navigation, header or footer.
	Media   bool `json:"m,omitempty"`
	Bound   bool `json:"b,omitempty"`
	Passing bool `json:"p,omitempty"`
	Aside   bool `json:"s,omitempty"`
	// Label is a short word for paths.
	Label string `json:"l,omitempty"`

	// What follows is computed by seal.
	hash   uint64
	words  []uint64
	filled bool
	parent *node
	match  *node
	weak   bool
}

// attr is an attribute that matters.
type attr struct {
	Key      string `json:"k"`
	Value    string `json:"v"`
	Volatile bool   `json:"x,omitempty"`
	Known    bool   `json:"n,omitempty"`
}

// The names of nodes that are no elements.
const (
	run      = "#run"
	object   = "#object"
	array    = "#array"
	scalar   = "#string"
	numeric  = "#number"
	boolean  = "#boolean"
	null     = "#null"
	maxWords = 256
)

// seal computes what is derived, bottom up.
func (n *node) seal(parent *node) {
	n.parent, n.match, n.weak = parent, nil, false
	h := mix(fnvOf(n.Tag))
	if n.document() {
		h = mix(h ^ fnvOf(n.Name))
	}
	set := map[uint64]bool{}
	n.filled = n.Media
	for _, t := range n.Tokens {
		h = mix(h ^ t.Key + 1)
		if t.Kind == word || t.Kind == number {
			set[t.Key] = true
		}
		n.filled = true
	}
	for _, k := range n.Kids {
		k.seal(n)
		h = mix(h ^ k.hash + 2)
		for _, w := range k.words {
			set[w] = true
		}
		if n.Tag != run { // A run's own tokens have its inline elements' too.
			n.filled = n.filled || k.filled
		}
	}
	n.hash = h
	n.words = make([]uint64, 0, min(len(set), maxWords))
	for w := range set {
		n.words = append(n.words, w)
	}
	slices.Sort(n.words)
	n.words = n.words[:min(len(n.words), maxWords)]
}

func fnvOf(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// all walks the tree in document order.
func (n *node) all(yield func(*node) bool) bool {
	if !yield(n) {
		return false
	}
	for _, k := range n.Kids {
		if !k.all(yield) {
			return false
		}
	}
	return true
}

func (n *node) attr(key string) *attr {
	for i := range n.Attrs {
		if n.Attrs[i].Key == key {
			return &n.Attrs[i]
		}
	}
	return nil
}

func (n *node) value(key string) string {
	if a := n.attr(key); a != nil {
		return a.Value
	}
	return ""
}

// text is what the node says, for excerpts.
func (n *node) text() string {
	if n.Tag == null {
		return "null"
	}
	if len(n.Tokens) > 0 || n.Tag == run {
		return spell(n.Tokens, "")
	}
	out := ""
	for _, k := range n.Kids {
		if part := k.text(); part != "" && len(out) < 4*maxExcerpt {
			if out != "" {
				out += " "
			}
			out += part
		}
	}
	return out
}

// document tells whether a node is part of a JSON document.
func (n *node) document() bool { return n.Tag[0] == '#' && n.Tag != run }

// where is the path of a node.
func (n *node) where() string {
	if n.document() {
		if n.parent == nil {
			return "$"
		}
		return n.parent.where() + n.Label
	}
	if n.Tag == run && n.parent != nil {
		return n.parent.where()
	}
	out, steps := "", 0
	for p := n; p != nil && steps < 6; p = p.parent {
		if p.Tag == run {
			continue
		}
		step := p.Tag
		if p.Label != "" {
			step += p.Label
		}
		if out == "" {
			out = step
		} else {
			out = step + " > " + out
		}
		steps++
	}
	return out
}

// likeness of two nodes' words, from 0 to 1.
func likeness(a, b *node) float64 {
	if len(a.words)+len(b.words) == 0 {
		return 0
	}
	common, i, j := 0, 0, 0
	for i < len(a.words) && j < len(b.words) {
		switch {
		case a.words[i] == b.words[j]:
			common, i, j = common+1, i+1, j+1
		case a.words[i] < b.words[j]:
			i++
		default:
			j++
		}
	}
	return 2 * float64(common) / float64(len(a.words)+len(b.words))
}
