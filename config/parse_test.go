package config

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undog-dev/undog/watcher/check"
)

var update = flag.Bool("update", false, "rewrite the expected texts in testdata")

// golden compares got with a file, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n got:\n%s\nwant:\n%s", name, got, want)
	}
}

func fixtures(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("fixtures %s: %v, %v", pattern, names, err)
	}
	return names
}

func TestParseGood(t *testing.T) {
	for _, name := range fixtures(t, "testdata/good/*.yaml") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			file, err := parsed(name)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(name, ".yaml")+".out", dump(&file.Config))
		})
	}
}

func TestParseBad(t *testing.T) {
	for _, name := range fixtures(t, "testdata/bad/*.yaml") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			file, err := Parse("undog.yaml", data, Compilers{Condition: words})
			if err == nil {
				t.Fatalf("was accepted: %+v", file.Config)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("the error shows a password")
			}
			golden(t, strings.TrimSuffix(name, ".yaml")+".err", err.Error()+"\n")
		})
	}
}

// anything stands in for a compiler of what is expected of a response.
func anything(string) (check.Predicate, error) { return nil, nil }

// words stands in for a compiler: it knows only what is true, and finds every
// other line wrong.
func words(text string) []Fault {
	var faults []Fault
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if !strings.Contains(line, "true") {
			faults = append(faults, Fault{Line: i + 1, Text: "is not true: " + strings.TrimSpace(line)})
		}
	}
	return faults
}

func TestParseTooLarge(t *testing.T) {
	_, err := Parse("big.yaml", []byte("# "+strings.Repeat("x", maxFile)), Compilers{})
	if err == nil || !strings.Contains(err.Error(), "big.yaml: is larger than 1048576 bytes") {
		t.Errorf("err = %v", err)
	}
}

// An alias of a list of aliases multiplies: the work must stay bounded.
func TestParseAliasBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("watch:\n  namespaces: &n [")
	for i := range 1000 {
		fmt.Fprintf(&b, "web%d,", i)
	}
	b.WriteString("]\n")
	b.WriteString("policies:\n")
	for i := range 1000 {
		fmt.Fprintf(&b, "  - {name: a%d, match: {namespaces: *n}}\n", i)
	}
	_, err := Parse("bomb.yaml", []byte(b.String()), Compilers{})
	if err == nil || !strings.Contains(err.Error(), "once its aliases are followed") {
		t.Errorf("err = %.200v", err)
	}
}

// A check whose steps cost much to compile cannot be repeated without end.
func TestParseCheckBomb(t *testing.T) {
	text := "checks:\n- &c {name: a, steps: [{request: {path: /}}]}\n" + strings.Repeat("- *c\n", maxChecks)
	_, err := Parse("bomb.yaml", []byte(text), Compilers{})
	if err == nil || err.Error() != "bomb.yaml:1: checks: are 101; at most 100 are played" {
		t.Errorf("err = %.200v", err)
	}
}

// What compiles expressions over responses is asked, and its answer told.
func TestParseResponse(t *testing.T) {
	const text = "checks:\n- name: a\n  steps:\n  - request: {path: /}\n    expect:\n      cel:\n      - good\n      - bad\n"
	compile := func(expression string) (check.Predicate, error) {
		if expression == "bad" {
			return nil, errors.New("1:1: there is no bad")
		}
		return nil, nil
	}
	_, err := Parse("x.yaml", []byte(text), Compilers{Response: compile})
	if err == nil || err.Error() != "x.yaml:8: checks[0].steps[0].expect.cel[1]: 1:1: there is no bad" {
		t.Errorf("err = %v", err)
	}
	if _, err := Parse("x.yaml", []byte(text), Compilers{}); err != nil {
		t.Errorf("without a compiler: %v", err)
	}
}

// A file of nothing but problems is told of by the first of them.
func TestParseManyProblems(t *testing.T) {
	_, err := Parse("many.yaml", []byte("policies:\n"+strings.Repeat("- x\n", 50_000)), Compilers{})
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != maxProblems+1 {
		t.Errorf("%d problems", len(problems))
	}
}

func TestLines(t *testing.T) {
	file, err := Parse("x", []byte("\nnats:\n  url: ''\npolicies:\n  - name: a\n"), Compilers{})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"nats": 2, "nats.url": 3, "policies[0].name": 5, "cluster": 0} {
		if got := file.Line(path); got != want {
			t.Errorf("line of %s = %d, want %d", path, got, want)
		}
	}
}

// FuzzParse: no input panics, and what is accepted is complete and within bounds.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/good/*.yaml", "testdata/bad/*.yaml", "../examples/undog.yaml"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse("fuzz.yaml", data, Compilers{Condition: words})
		if err != nil {
			if err.Error() == "" || file != nil {
				t.Fatalf("error without a text or with a file: %q, %v", err, file)
			}
			return
		}
		c := file.Config
		if checkCluster(c.Cluster) != "" || len(c.Policies) == 0 {
			t.Fatalf("accepted %+v", c)
		}
		for i := range c.Checks {
			if err := check.Validate(&c.Checks[i].Check, anything); err != nil {
				t.Fatalf("accepted check %+v: %v", c.Checks[i], err)
			}
		}
		for _, p := range c.Policies {
			for _, w := range p.Freeze {
				if _, err := w.Parse(); err != nil || w.Name == "" {
					t.Fatalf("accepted window %+v: %v", w, err)
				}
			}
			if b := p.FalseRollbackBudget; !(b > 0 && b < 1) {
				t.Fatalf("accepted budget %v", b)
			}
			if named("policy")(p.Name) != "" || p.Bake < 0 || p.ReadyWithin < 0 || checks["policies[].action"](string(p.Action)) != "" {
				t.Fatalf("accepted policy %+v", p)
			}
		}
	})
}
