package differ_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/differ"
)

var rewrite = flag.Bool("rewrite", false, "write what is found into the fixtures as expected")

// fixture is a file of testdata. It begins with lines such as "known: admin";
// then come the parts, each below a line such as "-- new 500 application/json --".
// The parts are old-a, old-b (left out if it is old-a again), new and expected.
type fixture struct {
	file, head, expected string
	known                []string
	path                 string
	responses            map[string]*check.Response
}

var partLine = regexp.MustCompile(`(?m)^-- ([a-z-]+)(?: ([0-9]+))?(?: (\S+))? --\n`)

func load(t testing.TB, file string) *fixture {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{file: file, responses: map[string]*check.Response{}}
	text := string(b)
	marks := partLine.FindAllStringSubmatchIndex(text, -1)
	if marks == nil {
		t.Fatalf("%s has no parts", file)
	}
	f.head = text[:marks[0][0]]
	for line := range strings.Lines(f.head) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "known":
			f.known = strings.Split(value, ", ")
		case "path":
			f.path = value
		}
	}
	for i, m := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		name, body := text[m[2]:m[3]], text[m[1]:end]
		if name == "expected" {
			f.expected = body
			continue
		}
		r := &check.Response{Method: "GET", Path: f.path, Status: 200, Body: []byte(body), Header: http.Header{}}
		r.Header.Set("Content-Type", "text/html; charset=utf-8")
		if m[4] >= 0 {
			r.Status, _ = strconv.Atoi(text[m[4]:m[5]])
		}
		if m[6] >= 0 {
			r.Header.Set("Content-Type", text[m[6]:m[7]])
		}
		f.responses[name] = r
	}
	if f.responses["old-b"] == nil {
		f.responses["old-b"] = f.responses["old-a"]
	}
	if f.responses["old-a"] == nil || f.responses["new"] == nil {
		t.Fatalf("%s lacks old-a or new", file)
	}
	return f
}

func (f *fixture) options() differ.Options { return differ.Options{Known: f.known} }

func (f *fixture) compare() differ.Report {
	return differ.Compare(f.responses["old-a"], f.responses["old-b"], f.responses["new"], f.options())
}

func write(r differ.Report) string {
	var b strings.Builder
	if !r.Comparable {
		fmt.Fprintf(&b, "not comparable: %s\n", r.Reason)
	}
	for _, d := range r.Differences {
		verdict := "told    "
		if d.Convicts {
			verdict = "convicts"
		}
		fmt.Fprintf(&b, "%s %s at %s: %q -> %q", verdict, d.Kind, d.Where, d.Old, d.New)
		if d.Why != "" {
			fmt.Fprintf(&b, " (%s)", d.Why)
		}
		b.WriteByte('\n')
	}
	if r.Omitted > 0 {
		fmt.Fprintf(&b, "and %d more\n", r.Omitted)
	}
	return b.String()
}

func fixtures(t testing.TB, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: %v, %v", pattern, found, err)
	}
	return found
}

func TestIntended(t *testing.T)    { judge(t, "testdata/intended/*.txt", 20, false) }
func TestRegressions(t *testing.T) { judge(t, "testdata/regression/*.txt", 12, true) }

func judge(t *testing.T, pattern string, least int, convicts bool) {
	files := fixtures(t, pattern)
	if len(files) < least {
		t.Errorf("%d fixtures, want at least %d", len(files), least)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			f := load(t, file)
			report := f.compare()
			if report.Convicts() != convicts {
				t.Errorf("convicts is %v:\n%s", report.Convicts(), write(report))
			}
			if got := write(report); got != f.expected {
				if *rewrite {
					f.rewrite(t, got)
					return
				}
				t.Errorf("got:\n%s\nwant:\n%s", got, f.expected)
			}
			f.baseline(t, convicts)
		})
	}
}

// baseline compares once more, with what is kept of the old pods.
func (f *fixture) baseline(t *testing.T, convicts bool) {
	t.Helper()
	kept, err := differ.KeepSalted("pepper", f.responses["old-a"], f.responses["old-b"], f.options())
	if err != nil {
		t.Fatal(err)
	}
	data, err := kept.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := differ.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []*differ.Baseline{kept, again} {
		report, err := differ.CompareBaseline(b, f.responses["new"], f.options())
		if err != nil {
			t.Fatal(err)
		}
		if report.Convicts() != convicts {
			t.Errorf("with a baseline, convicts is %v:\n%s", report.Convicts(), write(report))
		}
	}
	for _, secret := range append(slices.Clone(f.known), "correct-horse") {
		if strings.Contains(string(data), secret) {
			t.Errorf("the baseline holds %q:\n%s", secret, data)
		}
	}
	// An old pod does not differ from itself, whatever the baseline left out.
	report, err := differ.CompareBaseline(again, f.responses["old-a"], f.options())
	if err != nil || report.Convicts() {
		t.Errorf("the old page against its own baseline: %v\n%s", err, write(report))
	}
}

func (f *fixture) rewrite(t *testing.T, got string) {
	t.Helper()
	b, err := os.ReadFile(f.file)
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(b), "-- expected --\n")
	if err := os.WriteFile(f.file, []byte(text+"-- expected --\n"+got), 0o644); err != nil {
		t.Fatal(err)
	}
}
