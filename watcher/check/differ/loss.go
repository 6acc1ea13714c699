package differ

import (
	"slices"
	"strings"
)

// losses tells of forms and links that are gone.
func (c *comparison) losses() {
	now := survey(c.now)
	then := survey(c.old)
	for _, f := range then.forms {
		c.form(f, now, then)
	}
	for _, l := range then.links {
		c.link(l, now, then)
	}
}

// surveyed is what a page lets its user do.
type surveyed struct {
	forms, links []*node
	// targets are the paths that links and forms lead to, words the texts of
	// links and buttons.
	targets map[string]bool
	words   map[uint64]bool
}

func survey(root *node) surveyed {
	s := surveyed{targets: map[string]bool{}, words: map[uint64]bool{}}
	root.all(func(n *node) bool {
		switch n.Tag {
		case "form":
			s.forms = append(s.forms, n)
			s.targets[bare(n.value("action"))] = true
		case "a":
			if n.value("href") != "" {
				s.links = append(s.links, n)
				s.targets[bare(n.value("href"))] = true
			}
			s.words[said(n)] = true
		case "button":
			s.words[said(n)] = true
		}
		return len(s.links) < 500 && len(s.forms) < 64
	})
	return s
}

// bare is a path without its query.
func bare(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return strings.TrimSuffix(path, "/")
}

// said is the text of a link as one number, 0 if it has none.
func said(n *node) uint64 {
	h := uint64(0)
	n.all(func(k *node) bool {
		if n.Tag != run && k != n && k.parent != nil && k.parent.Tag == run {
			return true // The run has its words already.
		}
		for _, t := range k.Tokens {
			h = mix(h ^ t.Key + 3)
		}
		return true
	})
	return h
}

// fields are the names of a form's controls that a user sees.
func fields(form *node) (names []string, password bool) {
	form.all(func(n *node) bool {
		switch n.Tag {
		case "input", "select", "textarea":
			if name := n.value("name"); name != "" && n.value("type") != "submit" {
				names = append(names, name)
			}
			password = password || n.value("type") == "password"
		}
		return true
	})
	return names, password
}

func (c *comparison) form(f *node, now, then surveyed) {
	names, password := fields(f)
	if len(names) == 0 || c.stray(f) {
		return
	}
	var best *node
	for _, n := range now.forms {
		others, secret := fields(n)
		if 2*shared(names, others) >= len(names) && secret == password {
			return
		}
		if n.value("action") == f.value("action") {
			best = n
		}
	}
	if best != nil {
		c.reduced(best, names, password)
		return
	}
	why := c.excused(f, now, then)
	if why == "" && now.targets[bare(f.value("action"))] && bare(f.value("action")) != "" && f.value("action") != "#" {
		why = "a link leads to where it was sent"
	}
	c.lost(LostForm, f, strings.Join(names, ", "), why)
}

// reduced tells of a form that is still sent to where it was, with other fields.
func (c *comparison) reduced(form *node, names []string, password bool) {
	others, secret := fields(form)
	was, is := strings.Join(names, ", "), strings.Join(others, ", ")
	switch {
	case len(others) == 0 && !form.Bound:
		c.convict(LostForm, form.where(), was, "", "the form has no field any more")
	case password && !secret:
		c.convict(LostForm, form.where(), was, is, "the form has no password field any more")
	default:
		c.add(Changed, form.where(), was, is)
	}
}

// shared is how many names two lists have in common.
func shared(names, others []string) int {
	n := 0
	for _, name := range names {
		if slices.Contains(others, name) {
			n++
		}
	}
	return n
}

func (c *comparison) link(l *node, now, then surveyed) {
	href := l.attr("href")
	path := bare(href.Value)
	if href.Volatile || c.stray(l) || strings.HasPrefix(href.Value, "//") || !strings.HasPrefix(href.Value, "/") || now.targets[path] {
		return
	}
	why := c.excused(l, now, then)
	switch {
	case why != "":
	case said(l) != 0 && now.words[said(l)]:
		why = "a link with the same text leads elsewhere"
	case listed(l):
		why = "it is one of a list"
	}
	c.lost(LostLink, l, href.Value+" "+l.text(), why)
}

func (c *comparison) lost(kind Kind, n *node, text, excuse string) {
	if excuse != "" {
		c.note(kind, n.where(), text, "", false, excuse)
		return
	}
	c.convict(kind, n.where(), text, "", "it is gone with nothing in its place, and what stood around it is still there")
}

// stray tells whether the old pods disagree on a node.
func (c *comparison) stray(n *node) bool {
	for ; n != nil; n = n.parent {
		if n.Unstable {
			return true
		}
	}
	return false
}

// excused says why something may be gone on purpose, or nothing.
func (c *comparison) excused(n *node, now, then surveyed) string {
	if passing(n) {
		return "it was in a notice that comes and goes"
	}
	around := n.parent
	for ; around != nil; around = around.parent {
		if around.Aside {
			return "it was in the frame of the page"
		}
		if around.Tag != run && len(around.words) > len(n.words) || around.Tag == "body" {
			break
		}
	}
	switch {
	case around == nil || around.match == nil || around.weak || surround(around, n) < 0.5:
		return "what stood around it is gone too"
	case replaced(around.match, now, then):
		return "something else is in its place"
	}
	return ""
}

// surround is how much of the text around a node is still there.
func surround(around, n *node) float64 {
	there, all := 0, 0
	for _, w := range around.words {
		if _, own := slices.BinarySearch(n.words, w); own {
			continue
		}
		all++
		if _, ok := slices.BinarySearch(around.match.words, w); ok {
			there++
		}
	}
	if all == 0 {
		return 1
	}
	return float64(there) / float64(all)
}

// replaced tells whether a link or form is there that was nowhere before.
func replaced(around *node, now, then surveyed) bool {
	known := func(n *node) bool {
		return n.Tag == "a" && then.targets[bare(n.value("href"))] || n.Tag == "button" && then.words[said(n)]
	}
	found := false
	around.all(func(n *node) bool {
		switch {
		case n.Aside:
			// Its own children are walked all the same; they frame the page.
		case n.Tag == "a" && n.value("href") != "", n.Tag == "button":
			found = found || !known(n) && !inAside(n, around)
		case n.Tag == "form":
			found = found || !slices.ContainsFunc(then.forms, func(f *node) bool { return f.value("action") == n.value("action") })
		}
		return !found
	})
	return found && len(now.links)+len(now.forms) > 0
}

func inAside(n, top *node) bool {
	for p := n; p != nil && p != top; p = p.parent {
		if p.Aside {
			return true
		}
	}
	return false
}

// listed tells whether a link is one of three or more that stand alike.
func listed(l *node) bool {
	for p, steps := l, 0; p.parent != nil && steps < 6; p, steps = p.parent, steps+1 {
		alike := 0
		for _, k := range p.parent.Kids {
			if k.Tag == p.Tag && k.Class == p.Class && links(k) > 0 {
				alike++
			}
		}
		if alike >= 3 {
			return true
		}
	}
	return false
}

func links(n *node) int {
	count := 0
	n.all(func(k *node) bool {
		if k.Tag == "a" {
			count++
		}
		return count == 0
	})
	return count
}
