package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestUnknownModeListsTheModes(t *testing.T) {
	var out bytes.Buffer
	if code := run(t.Context(), []string{"dance"}, &out); code != 2 {
		t.Errorf("got code %d, want 2", code)
	}
	for _, m := range modes() {
		if !strings.Contains(out.String(), m.name) {
			t.Errorf("the error does not offer %s: %s", m.name, out.String())
		}
	}
}

func TestBadFlagFails(t *testing.T) {
	for _, m := range modes() {
		var out bytes.Buffer
		if code := run(t.Context(), []string{m.name, "--no-such-flag"}, &out); code == 0 {
			t.Errorf("%s took an unknown flag", m.name)
		}
	}
}

func TestExitEndsWellWhenStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code := run(ctx, []string{"exit", "--code=3", "--after=1h"}, &bytes.Buffer{}); code != 0 {
		t.Errorf("got code %d, want 0", code)
	}
}

func TestFlakyExitsSoManyTimesThenServes(t *testing.T) {
	state := filepath.Join(t.TempDir(), "count")
	args := []string{"flaky", "--code=4", "--times=2", "--state=" + state, "--addr=127.0.0.1:0"}
	for attempt := range 2 {
		if code := run(t.Context(), args, &bytes.Buffer{}); code != 4 {
			t.Fatalf("start %d: got code %d, want 4", attempt, code)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	if code := run(ctx, args, &out); code != 0 {
		t.Errorf("third start: got code %d, want 0: %s", code, out.String())
	}
}

func TestFlakyRefusesABrokenCount(t *testing.T) {
	state := filepath.Join(t.TempDir(), "count")
	if err := os.WriteFile(state, []byte("many"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, arg := range []string{"--state=", "--state=" + state} {
		if code := run(t.Context(), []string{"flaky", arg}, &bytes.Buffer{}); code != 2 {
			t.Errorf("%s: got code %d, want 2", arg, code)
		}
	}
}

func TestFileModes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ready")
	for _, step := range []struct {
		mode string
		code int
	}{{"exists", 1}, {"touch", 0}, {"exists", 0}, {"touch", 0}} {
		if code := run(t.Context(), []string{step.mode, path}, &bytes.Buffer{}); code != step.code {
			t.Errorf("%s: got code %d, want %d", step.mode, code, step.code)
		}
	}
}

func TestHealth(t *testing.T) {
	present := filepath.Join(t.TempDir(), "ready")
	if err := os.WriteFile(present, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		server *server
		age    time.Duration
		code   int
	}{
		"ready at once":           {&server{}, 0, http.StatusOK},
		"never ready":             {&server{neverReady: true}, time.Hour, http.StatusServiceUnavailable},
		"slow start, too early":   {&server{slowStart: time.Minute}, time.Second, http.StatusServiceUnavailable},
		"slow start, late enough": {&server{slowStart: time.Minute}, time.Minute, http.StatusOK},
		"file absent":             {&server{readyFile: present + "-not"}, 0, http.StatusServiceUnavailable},
		"file present":            {&server{readyFile: present}, 0, http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			reply := httptest.NewRecorder()
			c.server.handler(time.Now().Add(-c.age)).ServeHTTP(reply, httptest.NewRequest(http.MethodGet, "/healthz", nil))
			if reply.Code != c.code {
				t.Errorf("got %d %s, want %d", reply.Code, reply.Body, c.code)
			}
		})
	}
}
