package placeholder

import (
	"fmt"
	"regexp"
	"strings"
)

// Ref is what a placeholder stands for: a value of persona or captures.
type Ref struct{ Scope, Name string }

// The scopes.
const (
	Persona  = "persona"
	Captures = "captures"
)

// Text is a text with placeholders.
type Text struct {
	// literals has one more item than refs; they take turns.
	literals []string
	refs     []Ref
}

var inner = regexp.MustCompile(`^\s*\.(persona|captures)\.([A-Za-z_][A-Za-z0-9_]{0,62})\s*$`)

// Parse reads a text. {{ must begin a placeholder; a }} on its own is text.
func Parse(s string) (Text, error) {
	var t Text
	for {
		before, rest, found := strings.Cut(s, "{{")
		t.literals = append(t.literals, before)
		if !found {
			return t, nil
		}
		body, after, closed := strings.Cut(rest, "}}")
		m := inner.FindStringSubmatch(body)
		switch {
		case !closed:
			return Text{}, fmt.Errorf("{{ is not closed; write {{ .persona.NAME }} or {{ .captures.NAME }}")
		case m == nil:
			return Text{}, fmt.Errorf("{{%s}} is no placeholder; write {{ .persona.NAME }} or {{ .captures.NAME }}", clip(body))
		}
		t.refs = append(t.refs, Ref{m[1], m[2]})
		s = after
	}
}

// Refs returns what the text needs, in order.
func (t Text) Refs() []Ref { return t.refs }

// Fill returns the text with its values; value says what each is.
func (t Text) Fill(value func(Ref) (string, error)) (string, error) {
	var b strings.Builder
	for i, literal := range t.literals {
		b.WriteString(literal)
		if i == len(t.refs) {
			break
		}
		v, err := value(t.refs[i])
		if err != nil {
			return "", err
		}
		b.WriteString(v)
	}
	return b.String(), nil
}

func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
