package checkrun_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/play"
)

const (
	password = `corr"ct <horse>&`
	session  = "session-0123456789"
)

var persona = play.Persona{Values: map[string]string{"username": "admin"}, Secrets: map[string]string{"password": password}}

// servers numbers the pods of a test, so that each has noise of its own.
var servers atomic.Int64

func restart() { servers.Store(0) }

// site greets whoever has logged in.
func site(greeting string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pod := r.Context().Value(number).(int64)
		if r.Method == http.MethodPost {
			if r.PostFormValue("username") == "admin" && r.PostFormValue("password") == password {
				http.SetCookie(w, &http.Cookie{Name: "sessionid", Value: session, Path: "/", HttpOnly: true})
			}
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
		content := fmt.Sprintf("<form method=\"post\" id=\"login\">\n<input type=\"hidden\" name=\"csrf\" value=\"csrf-token-%012d\">\n"+
			"<input name=\"username\">\n<input type=\"password\" name=\"password\">\n<button>Log in</button>\n</form>", pod)
		if c, err := r.Cookie("sessionid"); err == nil && c.Value == session {
			content = "<h1>" + greeting + "</h1>\n<p>Your password is " + password + "</p>"
		}
		_, _ = fmt.Fprintf(w, "<!doctype html>\n<html>\n<head><title>Site</title></head>\n<body>\n<main>\n%s\n<p>Served by worker %d.</p>\n</main>\n</body>\n</html>\n",
			content, 4711*pod)
	})
}

type key int

const number key = 0

// target is a pod that answers with h, or one that cannot be reached.
func target(t *testing.T, pod string, h http.Handler) play.Target {
	t.Helper()
	out := play.Target{Pod: pod, Host: "10.0.0.7:8000"}
	if h == nil {
		out.Dial = func(context.Context) (net.Conn, error) {
			return nil, errors.New("dial tcp 10.0.0.7:8000: connection refused")
		}
		return out
	}
	n := servers.Add(1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", "Wed, 04 Mar 2026 03:04:05 GMT")
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), number, n)))
	}))
	t.Cleanup(server.Close)
	out.Dial = func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", server.Listener.Addr().String())
	}
	return out
}

// greeting logs in and looks at the page.
func greeting(expect check.Expect) check.Check {
	return check.Check{Name: "greeting", Persona: "admin", Steps: []check.Step{
		{
			Name: "login page", Request: &check.Request{Path: "/login/"},
			Captures: []check.Capture{{Name: "token", Regex: `name="csrf" value="([^"]+)"`}, {Name: "title", Regex: "<title>(.*)</title>", Reveal: true}},
		},
		{
			Name:   "log in",
			Submit: &check.Submit{Fields: map[string]string{"username": "{{ .persona.username }}", "password": "{{ .persona.password }}"}},
			Expect: check.Expect{Status: []string{"2xx"}},
		},
		{Name: "front page", Request: &check.Request{Path: "/"}, Expect: expect},
	}}
}
