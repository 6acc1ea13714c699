package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/policy"
)

// compiled are the schemas that are checked in, by kind and as "event".
func compiled(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(repo, folder, "*.json"))
	if err != nil || len(names) != len(notify.Kinds())+1 {
		t.Fatalf("found %d schemas (error %v), want one for each of %d kinds and one for all", len(names), err, len(notify.Kinds()))
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	load := jsonschema.FileLoader{}
	for _, name := range names {
		doc, err := load.Load("file://" + absolute(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(base+filepath.Base(name), doc); err != nil {
			t.Fatal(err)
		}
	}
	all := map[string]*jsonschema.Schema{}
	for _, name := range names {
		s, err := c.Compile(base + filepath.Base(name))
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(name), ".json")] = s
	}
	return all
}

func absolute(t *testing.T, name string) string {
	t.Helper()
	abs, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// encoded is an event as the validator wants it.
func encoded(t *testing.T, e notify.Event) map[string]any {
	t.Helper()
	b, err := notify.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	return doc.(map[string]any)
}

// TestEventsKeepTheContract holds every event of every scenario to the schema
// of its kind, to the fields that the catalog lists, and to the chain of causes.
func TestEventsKeepTheContract(t *testing.T) {
	all := compiled(t)
	catalog := map[string]notify.Kind{}
	for _, k := range notify.Kinds() {
		catalog[k.Name()] = k
	}
	for scenario, events := range told(t) {
		ids := map[string]bool{}
		for _, e := range events {
			ids[e.ID] = true
		}
		for _, e := range events {
			noun, verb, err := e.Kind()
			if err != nil {
				t.Fatalf("%s: %v", scenario, err)
			}
			name := noun + "." + verb
			k, known := catalog[name]
			if !known {
				t.Fatalf("%s: %s is not in the catalog", scenario, name)
			}
			doc := encoded(t, e)
			if err := all[name].Validate(doc); err != nil {
				t.Errorf("%s: %s: %v", scenario, name, err)
			}
			listed := slices.Concat(notify.Common(), k.Always, k.Maybe)
			for field := range doc["data"].(map[string]any) {
				if !slices.Contains(listed, field) {
					t.Errorf("%s: %s has the field %s, which the catalog does not list", scenario, name, field)
				}
			}
			if e.SeverityNumber != int(k.Severity) || policy.TransitionKind(name).Durable() != k.Durable {
				t.Errorf("%s: %s has severity %d, durable %v; the catalog says %d, %v",
					scenario, name, e.SeverityNumber, policy.TransitionKind(name).Durable(), k.Severity, k.Durable)
			}
			if e.CausationID != "" && !ids[e.CausationID] {
				t.Errorf("%s: %s was caused by %s, which nobody told", scenario, name, e.CausationID)
			}
		}
	}
}

// TestSchemasReject spoils a good event of each kind in one way after the other.
func TestSchemasReject(t *testing.T) {
	all := compiled(t)
	for _, k := range notify.Kinds() {
		spoil := func(what string, how func(event, data map[string]any)) {
			e := example(t, k.Name())
			how(e, e["data"].(map[string]any))
			if all[k.Name()].Validate(e) == nil {
				t.Errorf("%s: %s passes", k.Name(), what)
			}
		}
		if err := all[k.Name()].Validate(example(t, k.Name())); err != nil {
			t.Errorf("the example does not pass: %v", err)
		}
		for _, field := range []string{"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"} {
			spoil("an event without "+field, func(e, _ map[string]any) { delete(e, field) })
			spoil("a number as "+field, func(e, _ map[string]any) { e[field] = 7.0 })
		}
		for _, field := range slices.Concat(notify.Common(), k.Always) {
			spoil("data without "+field, func(_, d map[string]any) { delete(d, field) })
			spoil("true as "+field, func(_, d map[string]any) { d[field] = true })
		}
		spoil("another kind", func(e, _ map[string]any) { e["type"] = "dev.undog.rollout.other.v1" })
		spoil("another version", func(e, _ map[string]any) { e["type"] = strings.Replace(k.Type(), ".v1", ".v2", 1) })
		spoil("CloudEvents 0.3", func(e, _ map[string]any) { e["specversion"] = "0.3" })
		spoil("an empty id", func(e, _ map[string]any) { e["id"] = "" })
		spoil("another's source", func(e, _ map[string]any) { e["source"] = "/other/demo" })
		spoil("a time of day", func(e, _ map[string]any) { e["time"] = "10:00" })
		spoil("a workload without a name", func(_, d map[string]any) { delete(d["workload"].(map[string]any), "name") })
		spoil("failures that are no list", func(_, d map[string]any) { d["failures"] = map[string]any{} })
		spoil("a failure without pods", func(_, d map[string]any) {
			d["failures"] = []any{map[string]any{"reason": "Error", "nodes": json.Number("1"), "count": json.Number("1")}}
		})
		spoil("half an exit", func(_, d map[string]any) {
			d["failures"] = []any{map[string]any{"reason": "Error", "pods": json.Number("1"), "nodes": json.Number("1"), "count": json.Number("1.5")}}
		})
	}
}

// example is the checked-in example of a kind.
func example(t *testing.T, name string) map[string]any {
	t.Helper()
	doc, err := jsonschema.FileLoader{}.Load("file://" + absolute(t, filepath.Join(repo, examples, name+".json")))
	if err != nil {
		t.Fatal(err)
	}
	return maps.Clone(doc.(map[string]any))
}

// TestEventOfTheREADME holds the event that the README shows, from a real
// cluster, to its schema.
func TestEventOfTheREADME(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(repo, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(b), "<!-- event -->\n```json\n")
	text, _, ended := strings.Cut(text, "```\n<!-- end of event -->")
	if !found || !ended {
		t.Fatal("the README shows no event between its markers")
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled(t)["rollback.done"].Validate(doc); err != nil {
		t.Error(err)
	}
}

// TestFutureEventsPass lets a newer undog add fields.
func TestFutureEventsPass(t *testing.T) {
	all := compiled(t)
	for _, k := range notify.Kinds() {
		e := example(t, k.Name())
		e["novelextension"] = "x"
		e["data"].(map[string]any)["novel"] = map[string]any{"deep": true}
		if err := all[k.Name()].Validate(e); err != nil {
			t.Errorf("%s: a field of the future does not pass: %v", k.Name(), err)
		}
	}
}
