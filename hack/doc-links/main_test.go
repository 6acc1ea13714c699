package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	for name, tt := range map[string]struct {
		text, want string
	}{
		"Good":          {"[TestA](a_test.go) [here](#top) [site](https://example.org/x) [folder](sub)", ""},
		"Code":          {"[`TestA`](sub/../a_test.go)\n```\n[gone](gone.md)\n```", ""},
		"NoFile":        {"one\n[x](gone.md#part)", "README.md:2: link to gone.md: there is no such file"},
		"NoTest":        {"[TestB](a_test.go)", "it has no TestB"},
		"TestOfAFolder": {"[TestA](sub)", "it is a folder"},
		"Prefix":        {"[Test](a_test.go) and [TestAB](a_test.go)", "it has no TestAB"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
				t.Fatal(err)
			}
			for file, text := range map[string]string{"README.md": tt.text, "a_test.go": "func TestA(t *testing.T) {}"} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			err := check(dir)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
