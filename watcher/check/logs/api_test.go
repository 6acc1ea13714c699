package logs_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/watcher/api"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/logs"
)

func TestThrough(t *testing.T) {
	status := func(code int, reason string) string {
		return fmt.Sprintf(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":%q,"message":"no","code":%d}`, reason, code)
	}
	for name, tt := range map[string]struct {
		code int
		body string
		err  error
		any  bool
	}{
		"a log":       {code: http.StatusOK, body: "2026-03-04T05:06:07Z x\n"},
		"forbidden":   {code: http.StatusForbidden, body: status(403, "Forbidden"), err: logs.ErrForbidden},
		"who":         {code: http.StatusUnauthorized, body: status(401, "Unauthorized"), err: logs.ErrForbidden},
		"gone":        {code: http.StatusNotFound, body: status(404, "NotFound"), err: logs.ErrNone},
		"not started": {code: http.StatusBadRequest, body: status(400, "BadRequest"), err: logs.ErrNone},
		"node away":   {code: http.StatusInternalServerError, body: "dial tcp: refused", any: true},
	} {
		t.Run(name, func(t *testing.T) {
			asked := make(chan string, 1)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				select {
				case asked <- r.URL.String():
				default:
				}
				w.WriteHeader(tt.code)
				_, _ = io.WriteString(w, tt.body)
			}))
			t.Cleanup(server.Close)
			client, err := api.New(&rest.Config{Host: server.URL})
			if err != nil {
				t.Fatal(err)
			}
			log, err := logs.Through(client).Open(t.Context(), logs.Request{
				Namespace: "shop", Pod: "new", Container: "app", Since: start.Add(1500 * time.Millisecond), Previous: true,
			})
			if got, want := <-asked, "/api/v1/namespaces/shop/pods/new/log?container=app&limitBytes=1048577&previous=true&sinceTime=2026-03-04T05%3A06%3A08Z&timestamps=true"; got != want {
				t.Errorf("asked for %s, want %s", got, want)
			}
			switch {
			case tt.err != nil && !errors.Is(err, tt.err), tt.any && (err == nil || errors.Is(err, logs.ErrNone) || errors.Is(err, logs.ErrForbidden)):
				t.Errorf("got %v, want %v", err, tt.err)
			case tt.err == nil && !tt.any:
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(log)
				if string(text) != tt.body || err != nil {
					t.Errorf("got %q, %v", text, err)
				}
				_ = log.Close()
			}
		})
	}
}

// What is told of a log that could not be read names no address and no account: it
// is for readers of events.
func TestErrorsAreNotQuoted(t *testing.T) {
	for name, tt := range map[string]struct {
		code               int
		reason, said, told string
	}{
		"forbidden": {
			http.StatusForbidden, "Forbidden", `User "system:serviceaccount:undog:undog" cannot get resource "pods/log"`,
			"undog may not read the log (get pods/log)",
		},
		"node away": {
			http.StatusInternalServerError, "InternalError", `Get "https://10.0.0.7:10250/containerLogs/shop/new/app": dial tcp 10.0.0.7:10250: connect: refused`,
			"the log could not be read: the node could not be reached",
		},
		"API server away": {0, "", "", "the log could not be read: the connection to the API server failed"},
		"another": {
			http.StatusInternalServerError, "InternalError", `no disk: password=hunter2`,
			"the log could not be read: open log of pod new: no disk: password=[redacted]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tt.code)
				_, _ = fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":%q,"message":%q,"code":%d}`, tt.reason, tt.said, tt.code)
			}))
			t.Cleanup(server.Close)
			if tt.code == 0 {
				server.Close()
			}
			client, err := api.New(&rest.Config{Host: server.URL})
			if err != nil {
				t.Fatal(err)
			}
			c, err := logs.New(check.Check{Name: "panics", Log: &check.Log{Patterns: []string{"^panic:"}}}, logs.Through(client))
			if err != nil {
				t.Fatal(err)
			}
			s := c.Sample(t.Context(), start.Add(2*time.Second), list(pod("new", 0)), nil)
			if s.Result.Message != tt.told {
				t.Errorf("told is %q, want %q", s.Result.Message, tt.told)
			}
		})
	}
}
