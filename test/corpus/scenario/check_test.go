package scenario

import (
	"strings"
	"testing"
)

const checked = `
id: X01
title: A page is wrong
why: It is wrong.
class: content
checks: [{name: front, persona: admin, match: {selector: app=web}, steps: [{request: {path: /}, expect: {status: ["200"]}}]}]
personas: [{name: admin, values: {username: admin}, secret: {name: persona}}]
expect: [{verdict: none}]
`

// TestConfigText limits checks and personas to a namespace.
func TestConfigText(t *testing.T) {
	t.Parallel()
	s, err := Parse([]byte(checked))
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := s.Config()
	if err != nil {
		t.Fatal(err)
	}
	c, p := cfg.Checks[0], cfg.Personas[0]
	if c.Name != "front" || len(c.Match.Namespaces) != 1 || c.Match.Selector != "app=web" || p.Secret.Namespace == "" || p.Secret.Name != "persona" {
		t.Errorf("got check %+v and persona %+v", c, p)
	}
	text, err := s.ConfigText("x01", "x01-")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"name: x01-front", "persona: x01-admin", "- x01", "namespace: x01"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if s.Checks[0]["name"] != "front" {
		t.Error("writing the text has changed the scenario")
	}
}

// TestChecksAreChecked refuses what undog's configuration would.
func TestChecksAreChecked(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{"stepz: []", "steps: [{request: {path: nowhere}}]"} {
		text := strings.Replace(checked, `steps: [{request: {path: /}, expect: {status: ["200"]}}]`, wrong, 1)
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), "checks:") {
			t.Errorf("%s: error %v, want one about checks", wrong, err)
		}
	}
}
