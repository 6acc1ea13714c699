package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPage(t *testing.T) {
	root := t.TempDir()
	name := filepath.Join(root, pageName)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	page := func(text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	page("before\n" + begin + "old\n" + end + "after\n")
	if err := run([]string{"-root", root, "-check"}); err == nil || !strings.Contains(err.Error(), "out of date") {
		t.Errorf("a page that is out of date gives %v", err)
	}
	if err := run([]string{"-root", root, "-write"}); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-root", root, "-check"}); err != nil {
		t.Errorf("a page just written gives %v", err)
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"before\n", "after\n", "| `undog_stalled` | gauge | `component` |", "&lt;error&gt;"} {
		if !strings.Contains(string(got), part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	page("no markers")
	for _, args := range [][]string{{"-root", root, "-write"}, {}, {"-write", "-check"}} {
		if err := run(args); err == nil {
			t.Errorf("%q does not fail", args)
		}
	}
}
