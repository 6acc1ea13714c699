package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/undog-dev/undog/hack/comments"
)

// Every key is described, in the file's words.
func TestDescriptions(t *testing.T) {
	raw, err := generate("../..")
	if err != nil {
		t.Fatal(err)
	}
	var root any
	if err := json.Unmarshal(raw, &root); err != nil {
		t.Fatal(err)
	}
	flag := regexp.MustCompile(`--[a-z]`)
	found := map[string]string{}
	var walk func(at string, node any)
	walk = func(at string, node any) {
		switch n := node.(type) {
		case []any:
			for _, below := range n {
				walk(at, below)
			}
		case map[string]any:
			properties, _ := n["properties"].(map[string]any)
			for key, p := range properties {
				text, _ := p.(map[string]any)["description"].(string)
				found[at+"."+key] = text
				if text == "" || flag.MatchString(text) || strings.Contains(text, "repeatable") {
					t.Errorf("%s.%s is described by %q", at, key, text)
				}
				walk(at+"."+key, p)
			}
			walk(at, n["items"])
			walk(at, n["anyOf"])
		}
	}
	walk("", root)
	for at, want := range map[string]string{
		".policies.action":            "action is what is done about a bad revision: rollback, pause or notify.",
		".policies.match":             "match selects Deployments. A match without namespaces and without a selector matches all.",
		".nats.credentials":           "credentials file for the NATS server at nats.url",
		".watch.namespaces":           "watch this namespace; none is all but kube-* and undog's own",
		".checks.steps.request.json":  "form, JSON and text are bodies; at most one is given. Placeholders in JSON stand within its strings and are escaped as such.",
		".checks.steps.expect.json":   "json are conditions on values of a JSON body.",
		".personas.secret.namespace":  "namespace is the Secret's.",
		".brake":                      "brake is when the fleet brake engages: many unrelated bad releases at once.",
		".leaderElection.retryPeriod": "retryPeriod is the time between two renewals.",
		".checks.metric.max":          "max is the largest number that is well.",
	} {
		if found[at] != want {
			t.Errorf("%s is described by %q, want %q", at, found[at], want)
		}
	}
}

type limits struct {
	Most int `yaml:"most"`
}

// What a comment calls by a name of Go's is refused.
func TestForeignWords(t *testing.T) {
	field, _ := reflect.TypeFor[limits]().FieldByName("Most")
	for text, want := range map[string]string{
		"":                               "has no comment",
		"Most is DefaultMost.":           `"DefaultMost"`,
		"Most is what policy/cel takes.": `"policy/cel"`,
		"Most is read by package play.":  `"package play"`,
		"Most is how many, in HTTP.":     "",
	} {
		s := schemas{docs: map[string]comments.Texts{"config-schema": {"limits.Most": text}}, names: map[string]bool{"DefaultMost": true, "HTTP": true}}
		owner := reflect.TypeFor[limits]()
		s.docs[filepath.Base(owner.PkgPath())] = s.docs["config-schema"]
		got, err := s.describe(owner, field, "most", "limits.most")
		switch {
		case want == "" && (err != nil || got != "most is how many, in HTTP."):
			t.Errorf("%q gives %q, %v", text, got, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q gives %q, %v, want an error about %s", text, got, err, want)
		}
	}
}

func TestSchema(t *testing.T) {
	for _, place := range places {
		there, err := os.ReadFile(filepath.Join("../..", place))
		if err != nil {
			t.Fatal(err)
		}
		made, err := generate("../..")
		if err != nil {
			t.Fatal(err)
		}
		if string(there) != string(made) {
			t.Errorf("%s is out of date: run 'go run ./hack/config-schema -write'", place)
		}
	}
}
