package schema_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	yaml "go.yaml.in/yaml/v3"

	"github.com/undog-dev/undog/config"
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
		"evidence: {lines: 51}":                     "maximum: got 51, want 50",
		"policies: []":                              "minItems: got 0, want 1",
	} {
		if err := s.Validate(value(t, []byte(text))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

// What undog refuses of a single value its schema refuses, and the other way round.
func TestSchemaAndCheckAgree(t *testing.T) {
	s := compiled(t)
	for text, good := range map[string]bool{
		"~": true, "a": false, "[]": false,
		"policies: []": false, "policies: ~": true, "policies: [~]": false, "policies: [{name: a, freeze: []}]": true,
		"policies: [{action: notify}]": false, "policies: [{name: ~}]": false, "policies: [{name: a, action: ~, bake: ~}]": true,
		"policies: [{name: a, falseRollbackBudget: 0.1}]": true, `policies: [{name: a, falseRollbackBudget: "0.1"}]`: false,
		"policies: [{name: a, falseRollbackBudget: 1}]": false, "policies: [{name: a, freeze: [~]}]": false,
		"brake: {rollouts: -5}": false, "brake: {rollouts: -1}": true, "brake: {rollouts: 0}": false, "brake: {rollouts: 1}": true,
		`brake: {rollouts: "5"}`: false, "brake: {rollouts: ~, within: ~}": true, "brake: {within: -1s}": false, "brake: {within: 600}": false,
		"mode: ~": false, "mode:": false, "mode: observe": true, "mode: true": false, `mode: ""`: false,
		`http: {pprof: "true"}`: false, "http: {pprof: true}": true, "http: {pprof: ~}": true, "http: {pprof: 1}": false, "http: ~": true,
		"evidence: {lines: 0}": false, "evidence: {lines: 1}": true, "evidence: {lines: 50}": true, "evidence: {lines: 51}": false,
		"evidence: {lines: -1}": false, "evidence: {lines: '20'}": false, "evidence: {lines: ~, logs: ~}": true, "evidence: []": false,
		"nats: {stream: {replicas: 0}}": false, "nats: {stream: {replicas: 6}}": false, "nats: {url: 'nats://a', stream: {replicas: 5}}": true,
		"cluster: 5": false, "cluster: true": false, "cluster: ~": true, `cluster: "5"`: true, "kubeconfig: 7": false,
		"log: {level: ~}": true, "log: {level: loud}": false, "leaderElection: {enabled: true}": true, `leaderElection: {enabled: "true"}`: true,
		"watch: {namespaces: [1]}": false, "watch: {namespaces: [~]}": false, "watch: {namespaces: []}": true,
		"checks: []": true, "checks: [~]": false, "personas: [{values: {a: b}}]": false, "personas: [{name: a, values: {a: 1}}]": true,
		"checks: [{name: a, bodyLimit: -1, steps: [{request: {path: /}}]}]":               false,
		"checks: [{name: a, steps: [{request: {path: /, redirects: 11}}]}]":               false,
		"checks: [{name: a, steps: [{request: {path: /, redirects: -1, form: {a: 1}}}]}]": true,
	} {
		checked, seen := check(text), s.Validate(value(t, []byte(text)))
		if (checked == nil) != good || (seen == nil) != good {
			t.Errorf("%s: want it to be taken: %v\nundog config check: %v\nthe schema: %v", text, good, checked, seen)
		}
	}
}

func check(text string) error {
	_, err := config.Parse("undog.yaml", []byte(text), config.Compilers{})
	if err != nil {
		return fmt.Errorf("check: %w", err)
	}
	return nil
}
