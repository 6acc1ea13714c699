package form

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Form is a form of a page.
type Form struct {
	ID, Name, Action string
	// Method is GET or POST.
	Method string
	// Multipart is set if the form wants to be sent as multipart/form-data.
	Multipart bool
	Fields    []Field
}

// Field is a control of a form that has a name.
type Field struct {
	Name, Type, Value string
	// Sent tells whether a browser sends the field if nobody touches it.
	Sent bool
}

// What is read of one page at most.
const (
	maxForms  = 64
	maxFields = 256
)

// All returns the forms of a page in order.
func All(page []byte) []Form {
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil
	}
	var forms []Form
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.DataAtom == atom.Form && len(forms) < maxForms {
			forms = append(forms, read(root, n))
		}
	}
	return forms
}

// Has tells whether the form has a field of that name.
func (f *Form) Has(name string) bool {
	return slices.ContainsFunc(f.Fields, func(field Field) bool { return field.Name == name })
}

func read(root, n *html.Node) Form {
	f := Form{
		ID: attr(n, "id"), Name: attr(n, "name"), Action: strings.TrimSpace(attr(n, "action")), Method: "GET",
		Multipart: strings.EqualFold(attr(n, "enctype"), "multipart/form-data"),
	}
	if strings.EqualFold(attr(n, "method"), "post") {
		f.Method = "POST"
	}
	add := func(c *html.Node) {
		if len(f.Fields) < maxFields {
			if field, ok := control(c); ok {
				f.Fields = append(f.Fields, field)
			}
		}
	}
	for c := range n.Descendants() {
		add(c)
	}
	if f.ID != "" { // Controls elsewhere may belong to it by its id.
		for c := range root.Descendants() {
			if c.Type == html.ElementNode && attr(c, "form") == f.ID && !within(c, n) {
				add(c)
			}
		}
	}
	return f
}

func control(n *html.Node) (Field, bool) {
	if n.Type != html.ElementNode {
		return Field{}, false
	}
	f := Field{Name: attr(n, "name"), Value: attr(n, "value"), Type: strings.ToLower(attr(n, "type")), Sent: !has(n, "disabled")}
	if f.Name == "" {
		return f, false
	}
	switch n.DataAtom {
	case atom.Input:
		switch f.Type {
		case "":
			f.Type = "text"
		case "checkbox", "radio":
			f.Sent = f.Sent && has(n, "checked")
			if !has(n, "value") {
				f.Value = "on"
			}
		case "submit", "image", "button", "reset", "file":
			f.Sent = false
		}
	case atom.Button:
		f.Type, f.Sent = "submit", false
	case atom.Textarea:
		f.Type, f.Value = "textarea", text(n)
	case atom.Select:
		f.Type, f.Value = "select", chosen(n)
	default:
		return f, false
	}
	return f, true
}

// chosen is the option that is selected, or the first.
func chosen(n *html.Node) string {
	value, first := "", true
	for c := range n.Descendants() {
		if c.Type != html.ElementNode || c.DataAtom != atom.Option {
			continue
		}
		if v := has(c, "selected"); v || first {
			if value = attr(c, "value"); !has(c, "value") {
				value = strings.TrimSpace(text(c))
			}
			if v {
				return value
			}
			first = false
		}
	}
	return value
}

func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

func within(n, parent *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p == parent {
			return true
		}
	}
	return false
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
