package play_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/play"
)

const front = "steps:\n- request: {path: /}\n  expect: {status: ['200']}"

func TestRedirects(t *testing.T) {
	for location, want := range map[string]struct {
		reason  check.Reason
		message string
	}{
		"/end":                            {"", ""},
		"end?x=1":                         {"", ""},
		"http://10.0.0.7:8000/end":        {"", ""},
		"http://10.0.0.7/end":             {"", ""},
		"https://10.0.0.7:8000/end":       {check.ReasonRedirect, "add the header X-Forwarded-Proto: https"},
		"http://169.254.169.254/meta":     {check.ReasonRedirect, "redirects to http://169.254.169.254, which is not the pod"},
		"//evil.example/":                 {check.ReasonRedirect, "redirects to http://evil.example, which is not the pod"},
		"http://10.0.0.7:9000/":           {check.ReasonRedirect, "which is not the pod"},
		"http://10.0.0.7:8000@evil.test/": {check.ReasonRedirect, "http://evil.test, which is not the pod"},
		"file:///etc/passwd":              {check.ReasonRedirect, "which is not the pod"},
		"/again?code=0123456789abc":       {check.ReasonLoop, "/again redirects for the 6th time, in a circle"},
		"/on?code=0123456789abc":          {check.ReasonRedirect, "/on redirects for the 6th time; at most 5 are followed"},
		"http://[::1":                     {check.ReasonRedirect, "redirects to what is no URL"},
	} {
		got := once(t, front, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/":
				w.Header().Set("Location", location)
				w.WriteHeader(http.StatusFound)
			case "/again":
				http.Redirect(w, r, "/again", http.StatusFound)
			case "/on":
				http.Redirect(w, r, "/on?code=0123456789abc"+r.URL.Query().Get("code"), http.StatusFound)
			}
		})
		outcome := check.Passed
		if want.reason != "" {
			outcome = check.Inconclusive
		}
		expectResult(t, got, outcome, want.reason, want.message)
		if text := got.Result.Message + got.Result.Excerpt; strings.Contains(text, "0123456789abc") {
			t.Errorf("what a redirect hands over leaks: %s", text)
		}
	}
	got := once(t, "steps:\n- request: {path: /, redirects: -1}\n  expect: {status: ['302'], headers: [{name: Location, equals: 'http://evil.example/'}]}",
		func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://evil.example/", http.StatusFound)
		})
	expectResult(t, got, check.Passed, "", "")
}

func TestRedirectKeepsOrDropsTheBody(t *testing.T) {
	for code, want := range map[int]string{302: "GET /end", 303: "GET /end", 307: "POST /end", 308: "POST /end"} {
		got := once(t, "steps:\n- request: {path: /, text: payload}", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				w.Header().Set("Location", "/end")
				w.WriteHeader(code)
				return
			}
			echo(w, r)
		})
		body := string(got.Exchanges[0].Response.Body)
		if !strings.HasPrefix(body, want) || strings.Contains(body, "payload") != strings.HasPrefix(want, "POST") {
			t.Errorf("%d: %s", code, body)
		}
	}
}

func TestTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(site(good))
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	for name, tt := range map[string]struct {
		check   string
		roots   bool
		outcome check.Outcome
		reason  check.Reason
	}{
		"own certificate":  {"scheme: https\n", false, check.Passed, ""},
		"pinned":           {"scheme: https\nserverName: example.com\n", true, check.Passed, ""},
		"another name":     {"scheme: https\nserverName: other.test\n", true, check.Inconclusive, check.ReasonTLS},
		"unknown signer":   {"scheme: https\nserverName: example.com\n", false, check.Inconclusive, check.ReasonTLS},
		"http on TLS port": {"", false, check.Failed, check.ReasonExpectation},
	} {
		t.Run(name, func(t *testing.T) {
			to := target(server)
			if tt.roots {
				to.Roots = pool(server)
			}
			expectResult(t, made(t, tt.check+front).Play(t.Context(), to, player), tt.outcome, tt.reason, "")
		})
	}
	expectResult(t, made(t, "scheme: https\n"+front).Play(t.Context(), target(serve(t, site(good))), player),
		check.Inconclusive, check.ReasonTLS, "TLS failed")
}

func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(site(good))
	server.Close()
	expectResult(t, made(t, front).Play(t.Context(), target(server), player), check.Inconclusive, check.ReasonUnreachable, "connection refused")
	to := play.Target{Dial: func(context.Context) (net.Conn, error) { return nil, errors.New("no route, said " + password) }}
	expectResult(t, made(t, front).Play(t.Context(), to, player), check.Inconclusive, check.ReasonUnreachable, "no route, said [redacted]")
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("half"))
	}
	expectResult(t, once(t, front, cut), check.Inconclusive, check.ReasonUnreachable, "unexpected EOF")
	head := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", check.MaxHeader))
	}
	expectResult(t, once(t, front, head), check.Inconclusive, check.ReasonUnreachable, "exceeded")
}

func TestTimeouts(t *testing.T) {
	release := make(chan struct{})
	hang := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			_, _ = w.Write([]byte("begin"))
			_ = http.NewResponseController(w).Flush()
		}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}
	defer close(release)
	for _, text := range []string{
		"timeout: 50ms\nsteps: [{request: {path: /}}]", "steps: [{timeout: 50ms, request: {path: /}}]", "steps: [{timeout: 50ms, request: {path: /body}}]",
	} {
		expectResult(t, once(t, text, hang), check.Inconclusive, check.ReasonTimeout, "no whole answer in time")
	}
	dial := play.Target{Dial: func(ctx context.Context) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }}
	expectResult(t, made(t, "timeout: 50ms\n"+front).Play(t.Context(), dial, player), check.Inconclusive, check.ReasonTimeout, "")
	ctx, cancel := context.WithCancel(t.Context())
	gone := play.Target{Dial: func(ctx context.Context) (net.Conn, error) { cancel(); <-ctx.Done(); return nil, ctx.Err() }}
	expectResult(t, made(t, front).Play(ctx, gone, player), check.Inconclusive, check.ReasonStopped, "")
}

// Every connection is made by the dialer and closed when the play ends.
func TestConnectionsEnd(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	var open, made0 atomic.Int32
	server := httptest.NewUnstartedServer(site(good))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
			made0.Add(1)
		case http.StateClosed:
			open.Add(-1)
		default: // Busy or idle, it is open.
		}
	}
	server.Start()
	for range 3 {
		expectResult(t, made(t, bySubmit).Play(t.Context(), target(server), player), check.Passed, "", "")
	}
	server.Close() // It waits for open connections to end.
	if open.Load() != 0 || made0.Load() != 3 {
		t.Errorf("%d connections are open, %d were made for 3 plays", open.Load(), made0.Load())
	}
}

func TestPlayersAreShared(t *testing.T) {
	p := made(t, bySubmit)
	server := serve(t, site(good))
	done := make(chan play.Play)
	for range 8 {
		go func() { done <- p.Play(t.Context(), target(server), player) }()
	}
	for range 8 {
		expectResult(t, <-done, check.Passed, "", "")
	}
}

func TestNewRefuses(t *testing.T) {
	var problems check.Problems
	if _, err := play.New(check.Check{Name: "x"}, nil); !errors.As(err, &problems) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkPlay(b *testing.B) {
	server := httptest.NewServer(site(good))
	defer server.Close()
	p := made(b, bySubmit)
	for b.Loop() {
		if got := p.Play(b.Context(), target(server), player); got.Result.Outcome != check.Passed {
			b.Fatal(got.Result)
		}
	}
}
