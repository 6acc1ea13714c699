package schema_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	yaml "go.yaml.in/yaml/v3"

	"github.com/undog-dev/undog/config/schema"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.JSON()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("config.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("config.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// value reads YAML as editors do.
func value(t *testing.T, text []byte) any {
	t.Helper()
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		t.Fatal(err)
	}
	dates(&node)
	var v any
	if err := node.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// dates makes texts of timestamps: JSON has none.
func dates(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!timestamp" {
		n.Tag, n.Style = "!!str", yaml.DoubleQuotedStyle
	}
	for _, below := range n.Content {
		dates(below)
	}
}

// What undog takes the schema takes.
func TestGoodFiles(t *testing.T) {
	s := compiled(t)
	good, err := filepath.Glob("../testdata/good/*.yaml")
	if err != nil || len(good) == 0 {
		t.Fatalf("found %d files, %v", len(good), err)
	}
	examples, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(examples) == 0 {
		t.Fatalf("found %d examples, %v", len(examples), err)
	}
	for _, name := range append(good, examples...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		v := value(t, text)
		if v == nil {
			continue // Comments alone are all defaults.
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBadFiles(t *testing.T) {
	s := compiled(t)
	for text, want := range map[string]string{
		"polices: []":                               "additional properties 'polices' not allowed",
		"mode: watch":                               "/mode",
		"policies: [{bake: 600}]":                   "/policies/0/bake",
		"policies: [{action: undo}]":                "/policies/0/action",
		"policies: [{without: [Nobody]}]":           "/policies/0/without/0",
		"policies: [{falseRollbackBudget: 2}]":      "/policies/0/falseRollbackBudget",
		"checks: [{name: a, steps: [{reqest: 1}]}]": "additional properties 'reqest' not allowed",
		"evidence: {lines: many}":                   "/evidence/lines",
	} {
		if err := s.Validate(value(t, []byte(text))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}
