package check_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	yaml "go.yaml.in/yaml/v3"

	"github.com/undog-dev/undog/watcher/check"
)

// compile stands in for the real compiler of expressions.
func compile(expression string) (check.Predicate, error) {
	if strings.Contains(expression, "bad") {
		return nil, errors.New("1:1: there is no bad; did you mean body?")
	}
	return func(*check.Response) (bool, error) { return true, nil }, nil
}

// Every file in testdata/bad is a check with all the problems that its comment
// lines name, one a line; testdata/good has none.
func TestValidate(t *testing.T) {
	for _, file := range files(t, "testdata/*/*.yaml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var c check.Check
			if err := yaml.Unmarshal(b, &c); err != nil {
				t.Fatal(err)
			}
			var want []string
			for line := range strings.Lines(string(b)) {
				if text, ok := strings.CutPrefix(line, "# "); ok {
					want = append(want, strings.TrimSpace(text))
				}
			}
			got := ""
			if err := check.Validate(&c, compile); err != nil {
				got = err.Error()
			}
			if w := strings.Join(want, "\n"); got != w {
				t.Errorf("got:\n%s\nwant:\n%s", got, w)
			}
		})
	}
}

func files(t testing.TB, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: %v, %v", pattern, found, err)
	}
	return found
}

func TestValidateBounds(t *testing.T) {
	get := func() check.Step { return check.Step{Request: &check.Request{Path: "/"}} }
	many := check.Check{Name: "many"}
	for range check.MaxSteps + 1 {
		many.Steps = append(many.Steps, get())
	}
	wide := check.Check{Name: "wide", Steps: []check.Step{get()}}
	wide.Steps[0].Expect.Body.Contains = make([]string, check.MaxExpectations+1)
	for i := range wide.Steps[0].Expect.Body.Contains {
		wide.Steps[0].Expect.Body.Contains[i] = "x"
	}
	long := check.Check{Name: "long", Steps: []check.Step{get()}}
	long.Steps[0].Request.Text = strings.Repeat("x", check.MaxText+1)
	cel := check.Check{Name: "cel", Steps: []check.Step{get()}}
	cel.Steps[0].Expect.CEL = []string{"true"}
	for want, c := range map[string]check.Check{
		"steps: are 17; at most 16 are played, write several checks":                                                  many,
		"steps[0].expect: are 33; at most 32 are allowed":                                                             wide,
		"steps[0].request.text: is 65537 bytes long; at most 65536 are sent":                                          long,
		"steps[0].expect.cel[0]: expressions cannot be used here; write conditions on status, headers, body and json": cel,
	} {
		err := check.Validate(&c, nil)
		var problems check.Problems
		if !errors.As(err, &problems) || err.Error() != want {
			t.Errorf("%s: got %v, want %s", c.Name, err, want)
		}
	}
}

func FuzzValidate(f *testing.F) {
	for _, file := range files(f, "testdata/*/*.yaml") {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var c check.Check
		if len(b) > 1<<16 || yaml.Unmarshal(b, &c) != nil {
			return
		}
		var problems check.Problems
		if err := check.Validate(&c, compile); err != nil && !errors.As(err, &problems) {
			t.Errorf("%v is no Problems", err)
		}
		for _, use := range check.Uses(&c) {
			if use.Path == "" || use.Value == "" {
				t.Errorf("use %+v says too little", use)
			}
		}
		for _, p := range problems {
			if p.Path == "" || p.Text == "" {
				t.Errorf("problem %+v says too little", p)
			}
		}
	})
}
