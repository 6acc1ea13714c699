package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/undog-dev/undog/notify"
)

func TestWhatIsCheckedInIsWhatIsGenerated(t *testing.T) {
	if err := run([]string{"-check", "-root", repo}); err != nil {
		t.Error(err)
	}
}

func TestStaleFilesAreNoticed(t *testing.T) {
	files, err := generate(repo)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := save(dir, files); err != nil {
		t.Fatal(err)
	}
	if err := verify(dir, files); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "docs/asyncapi.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, pageName), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	err = verify(dir, files)
	if err == nil || !strings.Contains(err.Error(), "asyncapi.json") || !strings.Contains(err.Error(), pageName+" is out of date") {
		t.Errorf("got %v", err)
	}
}

func TestBadArguments(t *testing.T) {
	for _, args := range [][]string{{}, {"-write", "-check"}, {"-check", "file"}, {"-check", "-root", t.TempDir()}} {
		if run(args) == nil {
			t.Errorf("%q passes", args)
		}
	}
}

// TestCatalogIsComplete compares the catalog with the engine's kinds, as they
// stand in its source.
func TestCatalogIsComplete(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(repo, "policy/ready.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := v.Type.(*ast.Ident); ok && kind.Name == "TransitionKind" {
			want = append(want, strings.Trim(v.Values[0].(*ast.BasicLit).Value, `"`))
		}
		return false
	})
	var got []string
	for _, k := range notify.Kinds() {
		got = append(got, k.Name())
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("the catalog has %q, the engine tells %q", got, want)
	}
}
