package trial_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/play"
	"github.com/undog-dev/undog/watcher/check/trial"
)

const password = "correct-horse-battery"

var requests atomic.Int64

// site greets whoever has logged in. Every page has noise in it.
func site(greeting string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n := requests.Add(1)
		noise := fmt.Sprintf(`<p>Request %08x at 10:00:%02d</p><!-- %d -->`, n*7919, n%60, n)
		form := fmt.Sprintf(`<form method="post"><input type="hidden" name="csrf" value="token-%012d"><input name="username"><input type="password" name="password"><button>Log in</button></form>`, n)
		if r.Method == http.MethodPost {
			if r.PostFormValue("username") == "admin" && r.PostFormValue("password") == password {
				http.SetCookie(w, &http.Cookie{Name: "s", Value: "in", Path: "/"})
			}
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
		if c, err := r.Cookie("s"); err == nil && c.Value == "in" {
			form = "<h1>" + greeting + "</h1><p>Your password is " + password + "</p>"
		}
		_, _ = fmt.Fprintf(w, "<title>Site</title><main><h2>Site</h2>%s%s</main>", form, noise)
	}
}

func target(t *testing.T, h http.Handler) play.Target {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return play.Target{Pod: "pod", Host: "10.0.0.1:80", Dial: func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", server.Listener.Addr().String())
	}}
}

// script logs in and looks at the page. It expects nothing but what is given.
func script(t *testing.T, expect check.Expect) *play.Player {
	t.Helper()
	p, err := play.New(check.Check{Name: "greeting", Persona: "admin", Steps: []check.Step{
		{Request: &check.Request{Path: "/"}},
		{Name: "log in", Submit: &check.Submit{Fields: map[string]string{"username": "{{ .persona.username }}", "password": "{{ .persona.password }}"}}},
		{Name: "front page", Request: &check.Request{Path: "/"}, Expect: expect},
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var persona = play.Persona{Values: map[string]string{"username": "admin"}, Secrets: map[string]string{"password": password}}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func TestRun(t *testing.T) {
	good := site("Welcome admin!")
	welcome := check.Expect{Body: check.BodyExpect{Contains: []string{"Welcome {{ .persona.username }}!"}}}
	gone := play.Target{Dial: func(context.Context) (net.Conn, error) { return nil, fmt.Errorf("no route") }}
	for name, tt := range map[string]struct {
		now     http.Handler
		old     http.Handler
		expect  check.Expect
		outcome check.Outcome
		reason  check.Reason
		message string
	}{
		"same":                       {good, good, check.Expect{}, check.Passed, "", ""},
		"reworded":                   {site("Hello admin, good to see you"), good, check.Expect{}, check.Passed, "", ""},
		"first name, no expectation": {site("Welcome !"), good, check.Expect{}, check.Failed, check.ReasonDifference, `Hole at html > body > main > h1: "Welcome admin!" became "Welcome !"`},
		"first name, expected":       {site("Welcome !"), good, welcome, check.Failed, check.ReasonExpectation, `body contains "Welcome {{ .persona.username }}!"`},
		"the bug is old":             {site("Welcome !"), site("Welcome !"), check.Expect{}, check.Passed, "", ""},
		"the check is wrong":         {good, good, check.Expect{Status: []string{"204"}}, check.Inconclusive, check.ReasonExpectation, "it fails on the old revision too"},
		"the new one fails":          {status(500), good, check.Expect{}, check.Failed, check.ReasonDifference, "Status at status"},
		"both fail":                  {status(500), status(500), check.Expect{}, check.Inconclusive, check.ReasonForm, ""},
		"the new one is limited":     {status(429), good, check.Expect{}, check.Inconclusive, check.ReasonRateLimited, ""},
		"the old one is limited":     {site("Welcome !"), status(429), welcome, check.Inconclusive, check.ReasonExpectation, "gave no result"},
		"the new one is silent":      {nil, good, check.Expect{}, check.Failed, check.ReasonUnreachable, "the old revision answered at the same moment"},
		"both are silent":            {nil, nil, check.Expect{}, check.Inconclusive, check.ReasonUnreachable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			pods := trial.Pods{New: gone, Old: []play.Target{gone, gone}}
			if tt.now != nil {
				pods.New = target(t, tt.now)
			}
			if tt.old != nil {
				pods.Old = []play.Target{target(t, tt.old), target(t, tt.old)}
			}
			got := trial.Run(t.Context(), script(t, tt.expect), persona, pods)
			r := got.Result
			if r.Outcome != tt.outcome || r.Reason != tt.reason || !strings.Contains(r.Message, tt.message) {
				t.Errorf("got %s %s %q, want %s %s %q", r.Outcome, r.Reason, r.Message, tt.outcome, tt.reason, tt.message)
			}
			if text := fmt.Sprintf("%+v %+v", r, got.Steps); strings.Contains(text, password) || strings.Contains(text, "token-") {
				t.Errorf("a secret leaks: %s", text)
			}
		})
	}
}

func TestWithoutOldPods(t *testing.T) {
	got := trial.Run(t.Context(), script(t, check.Expect{}), persona, trial.Pods{New: target(t, site("Welcome !"))})
	if got.Result.Outcome != check.Passed || len(got.Steps) != 0 {
		t.Errorf("without expectation: %+v", got.Result)
	}
	got = trial.Run(t.Context(), script(t, check.Expect{Body: check.BodyExpect{NotMatches: []string{`Welcome\s+!`}}}), persona,
		trial.Pods{New: target(t, site("Welcome !"))})
	if got.Result.Outcome != check.Failed || got.Result.Reason != check.ReasonExpectation {
		t.Errorf("with an expectation: %+v", got.Result)
	}
}

// One old pod, given twice, will do.
func TestOneOldPod(t *testing.T) {
	old := target(t, site("Welcome admin!"))
	got := trial.Run(t.Context(), script(t, check.Expect{}), persona, trial.Pods{New: target(t, site("Welcome !")), Old: []play.Target{old, old}})
	if got.Result.Reason != check.ReasonDifference || len(got.Steps) != 3 {
		t.Errorf("got %+v", got.Result)
	}
}

// A password that every pod asks for again shows nothing of what is behind it,
// and somebody should be told.
func TestLoginRefused(t *testing.T) {
	wrong := play.Persona{Values: map[string]string{"username": "admin"}, Secrets: map[string]string{"password": "outdated-password"}}
	login := func(expect check.Expect) *play.Player {
		p, err := play.New(check.Check{Name: "greeting", Persona: "admin", Steps: []check.Step{
			{Request: &check.Request{Path: "/"}},
			{Name: "log in", Submit: &check.Submit{Fields: map[string]string{"username": "{{ .persona.username }}", "password": "{{ .persona.password }}"}}, Expect: expect},
		}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	good := func() play.Target { return target(t, site("Welcome admin!")) }
	old := []play.Target{good(), good()}
	got := trial.Run(t.Context(), login(check.Expect{}), wrong, trial.Pods{New: good(), Old: old})
	if r := got.Result; r.Outcome != check.Inconclusive || r.Reason != check.ReasonLogin || r.Step != "log in" {
		t.Errorf("with the wrong password: %+v", r)
	}
	if s := got.Sample(); s.New > 0 || s.Old > 0 {
		t.Errorf("it counts as %d new and %d old plays", s.New, s.Old)
	}
	if r := trial.Run(t.Context(), login(check.Expect{Body: check.BodyExpect{Contains: []string{"password"}}}), wrong, trial.Pods{New: good(), Old: old}).Result; r.Outcome != check.Passed {
		t.Errorf("where that is expected: %+v", r)
	}
	if r := trial.Run(t.Context(), login(check.Expect{}), persona, trial.Pods{New: good(), Old: old}).Result; r.Outcome != check.Passed {
		t.Errorf("with the right password: %+v", r)
	}
	// A login that only the new revision has lost is its own.
	lost := target(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			r.Body = http.NoBody
		}
		site("Welcome admin!")(w, r)
	}))
	if r := trial.Run(t.Context(), login(check.Expect{}), persona, trial.Pods{New: lost, Old: old}).Result; r.Outcome != check.Failed {
		t.Errorf("where the new revision refuses the right password: %+v", r)
	}
}
