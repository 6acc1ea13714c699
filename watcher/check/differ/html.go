package differ

import (
	"bytes"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// inline elements are part of the sentence they stand in.
var inline = map[atom.Atom]bool{
	atom.A: true, atom.Abbr: true, atom.B: true, atom.Bdi: true, atom.Bdo: true, atom.Cite: true, atom.Code: true,
	atom.Data: true, atom.Del: true, atom.Dfn: true, atom.Em: true, atom.Font: true, atom.I: true, atom.Ins: true, atom.Kbd: true,
	atom.Label: true, atom.Mark: true, atom.Output: true, atom.Q: true, atom.S: true, atom.Samp: true, atom.Small: true,
	atom.Span: true, atom.Strong: true, atom.Sub: true, atom.Sup: true, atom.Time: true, atom.Tt: true, atom.U: true, atom.Var: true,
}

// shown elements show something that is not text.
var shown = map[atom.Atom]bool{
	atom.Img: true, atom.Svg: true, atom.Input: true, atom.Textarea: true, atom.Canvas: true, atom.Video: true,
	atom.Audio: true, atom.Iframe: true, atom.Object: true, atom.Embed: true, atom.Hr: true, atom.Progress: true, atom.Meter: true,
	atom.Picture: true, atom.Math: true,
}

// unread elements hold nothing that a user reads.
var unread = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Noscript: true, atom.Template: true, atom.Meta: true, atom.Link: true, atom.Base: true,
}

// aside elements frame a page.
var aside = map[atom.Atom]bool{atom.Nav: true, atom.Header: true, atom.Footer: true, atom.Aside: true}

var (
	iconClass    = regexp.MustCompile(`(?i)(^|[-_\s])(icon|icons|fa|fas|far|bi|glyphicon|material|spinner|caret|chevron|avatar|skeleton)([-_\s]|$)`)
	passingClass = regexp.MustCompile(`(?i)(^|[-_\s])(banner|flash|messages?|alerts?|notices?|notifications?|cookies?|consent|promo|toasts?|` +
		`announcements?|errorlist|errors?|ads?|advert)([-_\s]|$)`)
	boundKey = regexp.MustCompile(`^(data-|x-|v-|ng-|:|@|hx-|wire:|\[|\*ng)`)
)

// html makes a tree of a page, with the assets that it asks for.
func (b *builder) html(page []byte) (*node, []string) {
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return &node{Tag: "html"}, nil
	}
	out := &node{Tag: "html"}
	var assets []string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.DataAtom {
		case atom.Html:
			out.Attrs = []attr{{Key: "lang", Value: get(n, "lang")}}
		case atom.Title:
			if title := b.element(n, 0); title != nil && n.Namespace == "" {
				out.Kids = append(out.Kids, title)
			}
		case atom.Body:
			if body := b.element(n, 0); body != nil {
				out.Kids = append(out.Kids, body)
			}
		case atom.Script, atom.Img, atom.Link:
			assets = b.asset(assets, n)
		default: // It is read with what it stands in.
		}
	}
	out.seal(nil)
	return out, assets
}

// asset adds what an element asks for.
func (b *builder) asset(assets []string, n *html.Node) []string {
	for _, key := range []string{"src", "href"} {
		if v := get(n, key); v != "" && len(assets) < 256 && !strings.HasPrefix(v, "data:") {
			assets = append(assets, b.address(v))
		}
	}
	return assets
}

// element makes a node of an element and what is in it, nil if it is left out.
func (b *builder) element(n *html.Node, depth int) *node {
	if b.nodes--; b.nodes < 0 || depth > maxDepth {
		b.cut = true
		return nil
	}
	out := b.head(n)
	if shown[n.DataAtom] {
		return out
	}
	var sentence []*html.Node
	flush := func() {
		if r := b.run(sentence, depth); r != nil {
			out.Kids = append(out.Kids, r)
		}
		sentence = nil
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode, c.Type == html.ElementNode && flowing(c, 0):
			sentence = append(sentence, c)
		case c.Type == html.ElementNode && !unread[c.DataAtom] && !hidden(c):
			flush()
			if kid := b.element(c, depth+1); kid != nil {
				out.Kids = append(out.Kids, kid)
			}
		}
	}
	flush()
	return out
}

// flowing tells whether an element is part of a sentence: inline, with
// nothing but inline within.
func flowing(n *html.Node, depth int) bool {
	if n.DataAtom == atom.Br || n.DataAtom == atom.Img || n.DataAtom == atom.Svg {
		return true
	}
	if !inline[n.DataAtom] || depth > 16 || hidden(n) {
		return false
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && !flowing(c, depth+1) {
			return false
		}
	}
	return true
}

// hidden elements are not shown to anybody.
func hidden(n *html.Node) bool {
	return n.DataAtom == atom.Input && strings.EqualFold(get(n, "type"), "hidden") ||
		slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "hidden" })
}

// run makes one node of a sentence, nil if there is nothing in it.
func (b *builder) run(parts []*html.Node, depth int) *node {
	out := &node{Tag: run}
	gap := ""
	for _, p := range parts {
		gap = b.inline(out, out, p, gap, depth)
	}
	out.Tail = gap
	b.mark(out.Tokens)
	if len(out.Tokens) == 0 && len(out.Kids) == 0 {
		return nil
	}
	return out
}

// inline adds a part of a sentence to its run and to the inline element it is
// in. It returns the space that is left over.
func (b *builder) inline(whole, within *node, n *html.Node, gap string, depth int) string {
	if n.Type == html.TextNode {
		before := len(whole.Tokens)
		whole.Tokens = b.split(whole.Tokens, n.Data, gap)
		if within != whole {
			within.Tokens = append(within.Tokens, whole.Tokens[before:]...)
		}
		if len(whole.Tokens) == before {
			return clipGap(gap + tail(n.Data))
		}
		return tail(n.Data)
	}
	if n.Type != html.ElementNode || unread[n.DataAtom] {
		return gap
	}
	if b.nodes--; b.nodes < 0 || depth > maxDepth {
		b.cut = true
		return gap
	}
	kid := b.head(n)
	if kid.Media || n.DataAtom == atom.Br {
		t := token{Kind: media, Key: b.hash("<" + n.Data), Gap: gap}
		if n.DataAtom == atom.Br {
			t.Kind = line
		}
		whole.Tokens, gap = append(whole.Tokens, t), ""
		if n.DataAtom == atom.Br {
			return gap
		}
	}
	whole.Kids = append(whole.Kids, kid)
	before := len(whole.Tokens)
	for c := n.FirstChild; c != nil && !shown[n.DataAtom]; c = c.NextSibling {
		gap = b.inline(whole, whole, c, gap, depth+1)
	}
	kid.Tokens = slices.Clone(whole.Tokens[min(before, len(whole.Tokens)):])
	b.mark(kid.Tokens)
	return gap
}

func clipGap(s string) string { return s[:min(len(s), maxGap)] }

// head makes a node of an element without what is in it.
func (b *builder) head(n *html.Node) *node {
	out := &node{Tag: n.Data, Media: shown[n.DataAtom], Aside: aside[n.DataAtom]}
	id, class, role := get(n, "id"), get(n, "class"), get(n, "role")
	if !strings.ContainsFunc(id, unicode.IsDigit) && len(id) <= 40 {
		out.Name = id
	}
	if class != "" {
		words := strings.Fields(class)
		slices.Sort(words)
		out.Class = fnvOf(strings.Join(words, " "))
	}
	out.Label = label(out.Name, class)
	out.Media = out.Media || iconClass.MatchString(class)
	out.Passing = passingClass.MatchString(class) || passingClass.MatchString(id) || role == "alert" || role == "status"
	out.Aside = out.Aside || role == "navigation" || role == "contentinfo" || role == "banner"
	out.Bound = slices.ContainsFunc(n.Attr, func(a html.Attribute) bool {
		return boundKey.MatchString(a.Key) || a.Key == "aria-label"
	})
	b.attrs(out, n)
	return out
}

// label is what tells an element apart in a path.
func label(name, class string) string {
	words := strings.Fields(class)
	switch {
	case name != "":
		return "#" + name
	case len(words) == 0 || len(words[0]) > 40 || strings.ContainsFunc(words[0], unicode.IsDigit):
		return ""
	}
	return "." + words[0]
}

// attrs keeps the attributes that matter.
func (b *builder) attrs(out *node, n *html.Node) {
	add := func(key, value string, known string) {
		out.Attrs = append(out.Attrs, attr{Key: key, Value: value, Known: b.knows(known)})
	}
	switch n.DataAtom {
	case atom.A, atom.Area:
		if v, ok := lookup(n, "href"); ok {
			add("href", b.address(v), v)
		}
	case atom.Form:
		add("action", b.address(get(n, "action")), "")
		add("method", strings.ToLower(get(n, "method")), "")
	case atom.Input, atom.Select, atom.Textarea, atom.Button:
		kind := strings.ToLower(get(n, "type"))
		if name := get(n, "name"); name != "" {
			add("name", name, "")
		}
		add("type", kind, "")
		if v := get(n, "value"); n.DataAtom == atom.Input && (kind == "" || kind == "text" || kind == "email" || kind == "tel") {
			text := ""
			if v != "" {
				text = "text"
			}
			add("value", text, v)
		}
	default: // The others have none.
	}
}

// knows tells whether a text holds a value of the persona.
func (b *builder) knows(s string) bool {
	if s == "" || len(b.known) == 0 {
		return false
	}
	left := b.tokens
	tokens := b.split(nil, s[:min(len(s), 1024)], "")
	b.tokens = left
	b.mark(tokens)
	return slices.ContainsFunc(tokens, func(t token) bool { return t.Known })
}

// address is where a link leads, without its query's values. In a baseline
// the parts of its path are hashed.
func (b *builder) address(href string) string {
	href = strings.TrimSpace(href)
	u, err := url.Parse(href)
	if err != nil || href == "" {
		return href
	}
	if u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
		return u.Scheme + ":"
	}
	if u.Host == "" && u.Path != "" {
		if base, err := url.Parse(b.path); err == nil {
			u = base.ResolveReference(u)
		}
	}
	if u.Host == "" && u.Path == "" {
		return "#"
	}
	path := u.Path
	if b.salt != "" {
		path = b.digest(path)
	} else if keys := slices.Sorted(maps.Keys(u.Query())); len(keys) > 0 {
		path += "?" + strings.Join(keys, "&")
	}
	if u.Host != "" {
		return "//" + u.Host + path
	}
	return path
}

// digest hashes the parts of a path.
func (b *builder) digest(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if p != "" && literal(p) == "" {
			parts[i] = strconv.FormatUint(b.hash(p), 10)
		}
	}
	return strings.Join(parts, "/")
}

func get(n *html.Node, key string) string {
	v, _ := lookup(n, key)
	return v
}

func lookup(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}
