package checkrun_test

import (
	"flag"
	"fmt"
	"html"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/undog-dev/undog/cmd/undog/checkrun"
	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/play"
	"github.com/undog-dev/undog/watcher/check/trial"
)

var update = flag.Bool("update", false, "rewrite the expected texts in testdata")

// example is a play: a check, what answers it, and how it ends.
type example struct {
	check    check.Check
	now, old http.Handler
	// alone is a revision with nothing to compare with.
	alone   bool
	outcome check.Outcome
}

func examples() map[string]example {
	welcome := check.Expect{Status: []string{"200"}, Body: check.BodyExpect{Contains: []string{"Welcome {{ .persona.username }}!"}, NotMatches: []string{`Welcome\s+!`}}}
	return map[string]example{
		"passed":           {check: greeting(welcome), now: site("Welcome admin!"), old: site("Welcome admin!"), outcome: check.Passed},
		"reworded":         {check: greeting(check.Expect{}), now: site("Good to see you, admin!"), old: site("Welcome admin!"), outcome: check.Passed},
		"failed":           {check: greeting(welcome), now: site("Welcome !"), old: site("Welcome admin!"), outcome: check.Failed},
		"first-name":       {check: greeting(check.Expect{}), now: site("Welcome !"), old: site("Welcome admin!"), outcome: check.Failed},
		"noise-only":       {check: greeting(welcome), now: site("Welcome admin!"), alone: true, outcome: check.Passed},
		"failed-alone":     {check: greeting(welcome), now: site("Welcome !"), alone: true, outcome: check.Failed},
		"unreachable":      {check: greeting(welcome), outcome: check.Inconclusive},
		"unreachable-new":  {check: greeting(welcome), old: site("Welcome admin!"), outcome: check.Failed},
		"login-fails":      {check: greeting(welcome), now: locked(), old: locked(), outcome: check.Inconclusive},
		"the-check-is-bad": {check: greeting(check.Expect{Status: []string{"204"}}), now: site("Welcome !"), old: site("Welcome admin!"), outcome: check.Inconclusive},
		"rate-limited":     {check: greeting(welcome), now: limited(), old: site("Welcome admin!"), outcome: check.Inconclusive},
		"hostile":          {check: looking(), now: hostile(), old: site("Welcome admin!"), outcome: check.Failed},
	}
}

// looking looks at one page and keeps parts of it.
func looking() check.Check {
	return check.Check{Name: "looking", Persona: "admin", Steps: []check.Step{{
		Request: &check.Request{Path: "/"},
		Captures: []check.Capture{
			{Name: "shown", Regex: "<title>([^<]*)</title>", Reveal: true}, {Name: "hidden", Regex: "<p>([^<]*)</p>"},
		},
		Expect: check.Expect{Headers: []check.HeaderExpect{{Name: "X-Version", Absent: true}}},
	}}}
}

// hostile answers with what steers terminals, and with the secret.
func hostile() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("X-Version", "\u202e2"+password)
		_, _ = fmt.Fprintf(w, "<title>\x1b]0;owned\x07</title><body><h1>\x1b[2J\u202eolleh\r\nhello</h1>\xff<p>%s</p>\n<script>var p = \"%s\"</script>\n%s",
			html.EscapeString(password), strings.ReplaceAll(password, `"`, `\"`), strings.Repeat("long ", 2000))
	})
}

func locked() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			http.Error(w, "wrong password "+r.PostFormValue("password"), http.StatusUnauthorized)
			return
		}
		site("").ServeHTTP(w, r)
	})
}

func limited() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "30")
		http.Error(w, "slow down", http.StatusTooManyRequests)
	})
}

// played plays an example for real, and makes its times always the same.
func played(t *testing.T, e example) checkrun.Result {
	t.Helper()
	player, err := play.New(e.check, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := checkrun.Result{Check: e.check.Name, On: "shop/web", New: checkrun.Side{Revision: 2, Images: []string{"web:1.1"}, Pods: []string{"web-new-a"}}}
	pods := trial.Pods{New: target(t, "web-new-a", e.now)}
	if e.alone {
		r.New.Pods = append(r.New.Pods, "web-new-b")
		pods.Old = []play.Target{target(t, "web-new-b", e.now)}
	} else {
		r.Old = &checkrun.Side{Revision: 1, Images: []string{"web:1.0"}, Pods: []string{"web-old-a", "web-old-b"}}
		pods.Old = []play.Target{target(t, "web-old-a", e.old), target(t, "web-old-b", e.old)}
	}
	ran := trial.Run(t.Context(), player, persona, pods)
	r.Trial, r.Sample = &ran, ran.Sample()
	for _, made := range append([]play.Play{ran.New}, ran.Old...) {
		for i := range made.Exchanges {
			if x := made.Exchanges[i].Response; x != nil {
				x.Took = time.Duration(7+i) * time.Millisecond
			}
		}
	}
	return r
}

func laid(r *checkrun.Result, width int) string {
	p := page.New(width, false)
	r.Lay(p, checkrun.DefaultLines)
	return p.String()
}

func TestText(t *testing.T) {
	for name, e := range examples() {
		t.Run(name, func(t *testing.T) {
			restart()
			r := played(t, e)
			got := laid(&r, page.Default)
			if outcome := r.Judged().Outcome; outcome != e.outcome {
				t.Errorf("it is %s, want %s", outcome, e.outcome)
			}
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
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// Whatever pods answer, lines stay within the page, nothing steers the
// terminal and no secret is shown.
func TestTextKeepsToThePage(t *testing.T) {
	for name, e := range examples() {
		r := played(t, e)
		for _, width := range []int{page.Narrowest, 80, page.Widest} {
			text := laid(&r, width)
			for _, secret := range []string{password, html.EscapeString(password), session, "csrf-token-"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s shows %q:\n%s", name, secret, text)
				}
			}
			for line := range strings.Lines(text) {
				line = strings.TrimSuffix(line, "\n")
				if page.Columns(line) > width {
					t.Errorf("%s: %d columns of %d: %s", name, page.Columns(line), width, line)
				}
				if strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
					t.Errorf("%s: %q steers the terminal", name, line)
				}
			}
		}
	}
}
