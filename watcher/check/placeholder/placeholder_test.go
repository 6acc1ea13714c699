package placeholder_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/undog-dev/undog/watcher/check/placeholder"
)

func TestFill(t *testing.T) {
	value := func(r placeholder.Ref) (string, error) {
		if r.Name == "missing" {
			return "", errors.New("no missing")
		}
		return "<" + r.Scope + ":" + r.Name + " {{ .persona.x }}>", nil
	}
	for in, want := range map[string]string{
		"":                                   "",
		"plain }} text {":                    "plain }} text {",
		"a{{ .persona.user }}b":              "a<persona:user {{ .persona.x }}>b",
		"{{.captures.t}}{{ .captures.u_1 }}": "<captures:t {{ .persona.x }}><captures:u_1 {{ .persona.x }}>",
	} {
		text, err := placeholder.Parse(in)
		if err != nil {
			t.Errorf("Parse(%q): %v", in, err)
			continue
		}
		if got, err := text.Fill(value); err != nil || got != want {
			t.Errorf("Fill(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	text, err := placeholder.Parse("{{ .persona.missing }}")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := text.Fill(value); err == nil || got != "" {
		t.Errorf("Fill with a missing value = %q, %v", got, err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range []string{
		"{{", "{{ }}", "{{ persona.x }}", "{{ .persona }}", "{{ .secret.x }}", "{{ .persona.x | html }}",
		"{{ {{ .persona.x }} }}", "{{ .persona.1x }}", "{{ .captures." + strings.Repeat("x", 70) + " }}",
	} {
		if _, err := placeholder.Parse(in); err == nil {
			t.Errorf("Parse(%q) is accepted", in)
		}
	}
}
