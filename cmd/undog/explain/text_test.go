package explain_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/undog-dev/undog/cmd/undog/explain"
	"github.com/undog-dev/undog/cmd/undog/page"
)

var update = flag.Bool("update", false, "rewrite the expected texts in testdata")

func laid(a *explain.Answer, width int) string {
	p := page.New(width, false)
	a.Lay(p, time.UTC)
	return p.String()
}

func TestText(t *testing.T) {
	for name, a := range examples() {
		got := laid(&a, page.Default)
		golden := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s\n got:\n%s\nwant:\n%s", name, got, want)
		}
	}
}

// However narrow the terminal, and whatever pods say, lines stay within it and
// steer nothing.
func TestTextKeepsToThePage(t *testing.T) {
	for name, a := range examples() {
		a.Verdict += strings.Repeat(" and on", 40) + "\x1b[2J\r"
		for _, width := range []int{page.Narrowest, 80, page.Widest} {
			for line := range strings.Lines(laid(&a, width)) {
				line = strings.TrimSuffix(line, "\n")
				if page.Columns(line) > width {
					t.Errorf("%s: %d columns of %d: %s", name, page.Columns(line), width, line)
				}
				if strings.ContainsFunc(line, unicode.IsControl) {
					t.Errorf("%s: control characters in %q", name, line)
				}
			}
		}
	}
}

// The verdict is the first thing that is read.
func TestVerdictComesFirst(t *testing.T) {
	for name, a := range examples() {
		first, _, _ := strings.Cut(laid(&a, page.Widest), "\n")
		if begin := "shop/web: " + a.Verdict[:20]; !strings.HasPrefix(first, begin) {
			t.Errorf("%s begins with %q, want %q", name, first, begin)
		}
	}
}

// What a program reads is the whole of what was asked.
func TestJSONIsWhole(t *testing.T) {
	for name, a := range examples() {
		var b strings.Builder
		if err := a.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		var back explain.Answer
		if err := json.Unmarshal([]byte(b.String()), &back); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, a) {
			t.Errorf("%s comes back as\n%+v\nwant\n%+v", name, back, a)
		}
	}
}
