package serve_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/test/script"
	"github.com/undog-dev/undog/test/script/serve"
)

var began = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// stage is a server, and what happens around it.
type stage struct {
	now     time.Time
	away    map[string]bool
	handler http.Handler
}

func set(t *testing.T, play string) *stage {
	t.Helper()
	p, err := script.ParsePlay([]byte(play))
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{now: began, away: map[string]bool{}}
	s.handler = serve.New(serve.Options{
		Play: p.HTTP, Pod: "web-1", Key: "web-1", Since: began, Now: func() time.Time { return s.now },
		Pause: func(_ context.Context, d time.Duration) bool { s.now = s.now.Add(d); return true },
		Away:  func(name string) bool { return s.away[name] },
	})
	return s
}

// ask sends a request and returns the answer.
func (s *stage) ask(method, path string, form url.Values, cookies ...*http.Cookie) (*http.Response, string) {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	answer := w.Result()
	body, _ := io.ReadAll(answer.Body)
	return answer, string(body)
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	s := set(t, `
http:
  routes:
    - {path: /old, from: 1m, status: 410}
    - {path: /*, without: db, status: 500, body: no database}
    - {path: /slow, delay: 3s, body: "{{ .pod }}"}
    - {path: /, headers: {X-Word: "{{ .random }}"}, body: "{{ .number }}"}
    - {path: /old, body: still here}
`)
	if answer, body := s.ask("GET", "/old", nil); answer.StatusCode != 200 || body != "still here" {
		t.Errorf("/old at first: %d %q", answer.StatusCode, body)
	}
	if _, body := s.ask("GET", "/slow", nil); body != "web-1" || s.now.Sub(began) != 3*time.Second {
		t.Errorf("/slow: %q after %s, want web-1 after 3s", body, s.now.Sub(began))
	}
	one, _ := s.ask("GET", "/", nil)
	two, body := s.ask("GET", "/", nil)
	if one.Header.Get("X-Word") == two.Header.Get("X-Word") || body != "4" {
		t.Errorf("two answers have the same word %q, or another number than 4: %s", one.Header.Get("X-Word"), body)
	}
	s.away["db"] = true
	if answer, body := s.ask("GET", "/slow", nil); answer.StatusCode != 500 || body != "no database" {
		t.Errorf("without the database: %d %q", answer.StatusCode, body)
	}
	delete(s.away, "db")
	s.now = began.Add(time.Minute)
	if answer, _ := s.ask("GET", "/old", nil); answer.StatusCode != 410 {
		t.Errorf("/old after a minute: %d, want 410", answer.StatusCode)
	}
	if answer, _ := s.ask("GET", "/nowhere", nil); answer.StatusCode != 404 {
		t.Errorf("/nowhere: %d, want 404", answer.StatusCode)
	}
}

var token = regexp.MustCompile(`name="csrfmiddlewaretoken" value="([^"]+)"`)

func TestLogin(t *testing.T) {
	t.Parallel()
	s := set(t, `http: {login: {users: {admin: secret}, limit: 2, per: 1m}, routes: [{path: /, session: true, body: "Hello {{ .user }}"}]}`)
	if answer, _ := s.ask("GET", "/", nil); answer.Header.Get("Location") != "/login/" {
		t.Errorf("without a session: %d to %q, want a redirect to the login", answer.StatusCode, answer.Header.Get("Location"))
	}
	answer, form := s.ask("GET", "/login/", nil)
	found := token.FindStringSubmatch(form)
	if found == nil {
		t.Fatalf("no form in\n%s", form)
	}
	values := url.Values{"username": {"admin"}, "password": {"secret"}, "csrfmiddlewaretoken": {found[1]}}
	forged := url.Values{"username": {"admin"}, "password": {"secret"}, "csrfmiddlewaretoken": {"forged.token"}}
	if answer, _ := s.ask("POST", "/login/", forged, &http.Cookie{Name: "csrftoken", Value: "forged.token"}); answer.StatusCode != 403 {
		t.Errorf("a forged token: %d, want 403", answer.StatusCode)
	}
	in, _ := s.ask("POST", "/login/", values, answer.Cookies()...)
	if in.StatusCode != 302 || len(in.Cookies()) != 1 {
		t.Fatalf("the login: %d with %d cookies, want 302 with one", in.StatusCode, len(in.Cookies()))
	}
	if _, body := s.ask("GET", "/", nil, in.Cookies()...); body != "Hello admin" {
		t.Errorf("the page: %q", body)
	}
	broken := *in.Cookies()[0]
	broken.Value = "root" + strings.TrimPrefix(broken.Value, "admin")
	if answer, _ := s.ask("GET", "/", nil, &broken); answer.StatusCode != 302 {
		t.Errorf("a session that was made up: %d, want 302", answer.StatusCode)
	}
	if answer, _ := s.ask("POST", "/login/", values, answer.Cookies()...); answer.StatusCode != 429 || answer.Header.Get("Retry-After") == "" {
		t.Errorf("the third attempt: %d, want 429", answer.StatusCode)
	}
	s.now = s.now.Add(time.Minute)
	if answer, _ := s.ask("POST", "/login/", values, answer.Cookies()...); answer.StatusCode != 302 {
		t.Errorf("a minute later: %d, want 302", answer.StatusCode)
	}
}
