package app

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undog-dev/undog/cmd/undog/watchdog"
)

// asks returns a function that asks the handler.
func asks(h http.Handler) func(path string) (int, string) {
	return func(path string) (int, string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		return w.Code, w.Body.String()
	}
}

// want asks and compares.
func want(t *testing.T, get func(string) (int, string), path string, code int, body string) {
	t.Helper()
	if gotCode, gotBody := get(path); gotCode != code || gotBody != body {
		t.Errorf("%s is %d\n%s\nwant %d\n%s", path, gotCode, gotBody, code, body)
	}
}

func TestHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		synced, up := false, false
		var lost, writing, waiting time.Time
		h := &health{
			synced: func() bool { return synced }, lost: func(time.Time) time.Time { return lost },
			nats: func() (string, bool) {
				return "dial nats://admin:hunter2@nats:4222: no\nservers", up
			},
			more: []part{{name: "leader", look: func(time.Time) (grade, string) { return well, "" }}},
		}
		h.dog = watchdog.New(slog.New(slog.DiscardHandler),
			watchdog.Beat{Component: "loop", After: stuckAfter, Restart: true, Since: func(time.Time) (time.Time, string) {
				return writing, "a long step"
			}},
			watchdog.Beat{Component: "publisher", After: unpublishedFor, Since: func(time.Time) (time.Time, string) {
				return waiting, "3 events wait"
			}},
		)
		get := asks(h.handler(newMetrics("test")))
		const ok, failed = http.StatusOK, http.StatusInternalServerError
		const away = "[~]nats degraded: dial nats://redacted@nats:4222: no servers\n"
		want(t, get, "/livez", ok, "ok\n")
		want(t, get, "/livez?verbose", ok, "[+]loop ok\nlivez check passed\n")
		want(t, get, "/readyz", failed, "[-]watch failed: not synced yet\n"+away+"readyz check failed\n")
		want(t, get, "/readyz/watch", failed, "[-]watch failed: not synced yet\n")
		synced = true
		want(t, get, "/readyz", ok, away)
		want(t, get, "/readyz?verbose", ok, "[+]watch ok\n"+away+"[+]loop ok\n[+]publisher ok\n[+]leader ok\nreadyz check passed\n")
		want(t, get, "/readyz/nats", ok, away)
		want(t, get, "/readyz/leader", ok, "[+]leader ok\n")
		want(t, get, "/livez/publisher", http.StatusNotFound, "404 page not found\n")
		up = true
		want(t, get, "/readyz", ok, "ok\n")
		lost = time.Date(2026, 3, 2, 10, 2, 0, 0, time.UTC)
		want(t, get, "/readyz", ok, "[~]watch degraded: out of contact with the API server since 2026-03-02T10:02:00Z\n")
		want(t, get, "/livez", ok, "ok\n")
		lost = time.Time{}
		waiting = time.Now()
		<-time.After(unpublishedFor)
		want(t, get, "/readyz", ok, "[~]publisher degraded: no progress for 1m0s: 3 events wait\n")
		want(t, get, "/livez", ok, "ok\n")
		writing = time.Now()
		<-time.After(stuckAfter)
		want(t, get, "/livez", failed, "[-]loop failed: no progress for 30s: a long step\nlivez check failed\n")
		want(t, get, "/livez/loop", failed, "[-]loop failed: no progress for 30s: a long step\n")
		if code, body := get("/readyz"); code != failed || !strings.Contains(body, "[-]loop") {
			t.Errorf("/readyz of a stuck loop is %d %s", code, body)
		}
		if code, body := get("/metrics"); code != ok || !strings.Contains(body, `undog_build_info{version="test"} 1`) {
			t.Errorf("/metrics is %d %s", code, body)
		}
		want(t, get, "/debug/pprof/", http.StatusNotFound, "404 page not found\n")
		h.profiles = profiles(true)
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/goroutine?debug=1", "/debug/pprof/cmdline"} {
			if code, body := asks(h.handler(newMetrics("test")))(path); code != ok || body == "" {
				t.Errorf("%s is %d %s", path, code, body)
			}
		}
	})
}

func TestPublicReasonIsShort(t *testing.T) {
	if got := public(strings.Repeat("é", 1000)); len(got) > maxReason+4 || !strings.HasSuffix(got, "…") {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}
