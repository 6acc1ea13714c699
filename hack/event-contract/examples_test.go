package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/undog-dev/undog/notify"
)

const repo = "../.."

var anew = flag.Bool("examples", false, "write the examples anew")

// TestExamples holds the examples to what the engine tells: of each kind, the
// event that has most to say.
func TestExamples(t *testing.T) {
	best := map[string][]byte{}
	all := told(t)
	for _, scenario := range slices.Sorted(maps.Keys(all)) {
		for _, e := range all[scenario] {
			b, err := notify.Encode(e)
			if err != nil {
				t.Fatalf("%s: %v", scenario, err)
			}
			noun, verb, err := e.Kind()
			if err != nil {
				t.Fatalf("%s: %v", scenario, err)
			}
			if name := noun + "." + verb; len(b) > len(best[name]) {
				best[name] = b
			}
		}
	}
	for _, k := range notify.Kinds() {
		if best[k.Name()] == nil {
			t.Errorf("no scenario tells %s", k.Name())
			continue
		}
		var want bytes.Buffer
		if err := json.Indent(&want, best[k.Name()], "", "  "); err != nil {
			t.Fatal(err)
		}
		want.WriteByte('\n')
		name := filepath.Join(repo, examples, k.Name()+".json")
		if *anew {
			if err := os.WriteFile(name, want.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s is not what the engine tells: run 'go test ./hack/event-contract -examples'", name)
		}
	}
}
