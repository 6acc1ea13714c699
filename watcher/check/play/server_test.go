package play_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	yaml "go.yaml.in/yaml/v3"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/play"
)

const (
	password = `corr"ct <horse>&`
	session  = "session-0123456789"
	token    = "csrf-token-0123456789"
)

// site is an application with a login, as a framework would write it.
func site(greet func(user string) string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login/", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "csrf", Value: token, Path: "/", Secure: true})
		_, _ = fmt.Fprintf(w, `<form id="login" method="post"><input type="hidden" name="csrf" value="%s"><input name="username">`+
			`<input type="password" name="password"></form><!-- %s -->`, token, html.EscapeString(password))
	})
	mux.HandleFunc("POST /login/", func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie("csrf")
		if err != nil || c.Value != token || r.PostFormValue("csrf") != token {
			http.Error(w, "CSRF verification failed", http.StatusForbidden)
			return
		}
		if r.PostFormValue("username") != "admin" || r.PostFormValue("password") != password {
			http.Error(w, "wrong password "+r.PostFormValue("password"), http.StatusUnauthorized)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: session, Path: "/", Secure: true, HttpOnly: true})
		http.Redirect(w, r, "/", http.StatusFound)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("session"); err != nil || c.Value != session {
			http.Redirect(w, r, "/login/", http.StatusFound)
			return
		}
		w.Header().Set("X-Host", r.Host)
		_, _ = fmt.Fprintf(w, "<title>Site</title><h1>%s</h1><p>your session is %s, your password %s</p>", greet("admin"), session, password)
	})
	return mux
}

var (
	good   = func(user string) string { return "Welcome " + user + "!" }
	bad    = func(string) string { return "Welcome !" }
	player = play.Persona{Values: map[string]string{"username": "admin"}, Secrets: map[string]string{"password": password}}
)

// target dials the server whatever address is asked for.
func target(server *httptest.Server) play.Target {
	return play.Target{Pod: "web-1", Host: "10.0.0.7:8000", Dial: func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", server.Listener.Addr().String())
	}}
}

func serve(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// made reads a check as it would be written.
func made(t testing.TB, text string) *play.Player {
	t.Helper()
	var c check.Check
	if err := yaml.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	if c.Name == "" {
		c.Name = "test"
	}
	p, err := play.New(c, compile)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// compile knows three expressions.
func compile(expression string) (check.Predicate, error) {
	switch expression {
	case "true", "false":
		return func(*check.Response) (bool, error) { return expression == "true", nil }, nil
	case "fails":
		return func(*check.Response) (bool, error) { return false, errors.New("too expensive") }, nil
	}
	return nil, errors.New("1:1: there is no such thing")
}

// once plays a check of one step against a handler.
func once(t *testing.T, text string, h http.HandlerFunc) play.Play {
	t.Helper()
	return made(t, text).Play(t.Context(), target(serve(t, h)), player)
}

func expectResult(t *testing.T, got play.Play, outcome check.Outcome, reason check.Reason, message string) {
	t.Helper()
	r := got.Result
	if r.Outcome != outcome || r.Reason != reason || !strings.Contains(r.Message, message) {
		t.Errorf("got %s %s %q, want %s %s %q", r.Outcome, r.Reason, r.Message, outcome, reason, message)
	}
	leaks(t, got)
}

// leaks looks for what must not leave in everything but the raw response.
func leaks(t *testing.T, got play.Play) {
	t.Helper()
	for i := range got.Exchanges {
		got.Exchanges[i].Response = nil
	}
	text := fmt.Sprintf("%+v", got)
	for _, secret := range []string{password, html.EscapeString(password), session, token} {
		if strings.Contains(text, secret) {
			t.Errorf("%q leaks in %s", secret, text)
		}
	}
}

func pool(server *httptest.Server) *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return roots
}
