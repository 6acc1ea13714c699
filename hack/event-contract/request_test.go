package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/undog-dev/undog/notify"
)

// asked is the schema of a request or a reply, as it is checked in.
func asked(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	s, err := c.Compile("file://" + absolute(t, filepath.Join(repo, folder, requests, name+".json")))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestRequestSchema compares what the schema of a verdict takes with what undog takes.
func TestRequestSchema(t *testing.T) {
	s := asked(t, "verdict.request")
	for body, want := range map[string]bool{
		`{"revision": "66d9f7c5b8", "verdict": "good", "reason": "smoke test passed"}`:                                         true,
		`{"namespace": "shop", "name": "web.v2", "revision": "a/b:v1@sha256:0", "verdict": "bad", "reason": "x", "by": "slo"}`: true,
		`{"revision": "66d9f7c5b8", "verdict": "fine", "reason": "x"}`:                                                         false,
		`{"revision": "66d9f7c5b8", "verdict": "good", "reason": "  "}`:                                                        false,
		`{"revision": "66d9f7c5b8", "verdict": "good"}`:                                                                        false,
		`{"revision": "two words", "verdict": "good", "reason": "x"}`:                                                          false,
		`{"revision": "` + strings.Repeat("a", 513) + `", "verdict": "good", "reason": "x"}`:                                   false,
		`{"verdict": "good", "reason": "x"}`:                                                                                   false,
		`{"namespace": "Shop", "revision": "a", "verdict": "good", "reason": "x"}`:                                             false,
		`{"name": "-web", "revision": "a", "verdict": "good", "reason": "x"}`:                                                  false,
		`{"revision": "a", "verdict": "good", "reason": "x", "force": "yes"}`:                                                  false,
		`{"revision": 7, "verdict": "good", "reason": "x"}`:                                                                    false,
		`["revision"]`: false,
	} {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		invalid := s.Validate(doc)
		_, refused := notify.DecodeVerdict([]byte(body))
		if (invalid == nil) != want || (refused == nil) != want {
			t.Errorf("%s: the schema says %v, undog %v, want it taken: %v", body, invalid, refused, want)
		}
	}
}

// TestReplySchema holds what undog answers to its schema.
func TestReplySchema(t *testing.T) {
	s := asked(t, "verdict.reply")
	_, example, err := verdictExamples()
	if err != nil {
		t.Fatal(err)
	}
	refusal, err := json.Marshal(notify.VerdictReply{Reason: notify.Busy, Message: "64 reports wait already"})
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]bool{
		string(example):                 true,
		string(refusal):                 true,
		`{"stream": "OTHER", "seq": 1}`: false,
		`{"accepted": "yes", "reason": "Accepted", "message": ""}`: false,
	} {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); (err == nil) != want {
			t.Errorf("%s: %v, want it taken: %v", body, err, want)
		}
	}
}

// TestAsyncAPIRefers follows every reference of the AsyncAPI document.
func TestAsyncAPIRefers(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(repo, "docs/asyncapi.json"))
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	n := follow(t, doc, doc)
	// Of each kind: its channel's message, its operation's channel and message, its schema.
	if want := 4 * len(notify.Kinds()); n < want+8 {
		t.Errorf("followed %d references, want those of %d kinds and of a request with its reply", n, len(notify.Kinds()))
	}
	reply := doc["operations"].(map[string]any)["receive.verdict"].(map[string]any)["reply"].(map[string]any)
	if at := resolve(doc, reply["channel"].(map[string]any)["$ref"].(string)); at == nil || at.(map[string]any)["address"] != nil {
		t.Errorf("the reply goes to %v, want a channel without an address", at)
	}
}

// follow counts the references below a value and fails for those that lead nowhere.
func follow(t *testing.T, doc, at any) int {
	t.Helper()
	n := 0
	switch v := at.(type) {
	case []any:
		for _, x := range v {
			n += follow(t, doc, x)
		}
	case map[string]any:
		if to, ok := v["$ref"].(string); ok {
			n++
			if _, err := os.Stat(filepath.Join(repo, "docs", to)); resolve(doc, to) == nil && err != nil {
				t.Errorf("reference %s leads nowhere", to)
			}
		}
		for _, x := range v {
			n += follow(t, doc, x)
		}
	}
	return n
}

// resolve is what a reference within the document leads to, nil for nothing.
func resolve(doc any, to string) any {
	path, within := strings.CutPrefix(to, "#/")
	if !within {
		return nil
	}
	for name := range strings.SplitSeq(path, "/") {
		m, _ := doc.(map[string]any)
		doc = m[name]
	}
	return doc
}
