package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
	"github.com/undog-dev/undog/notify/nats/embedded"
	"github.com/undog-dev/undog/notify/nats/subscribe"
)

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func event(noun, verb, id string) notify.Event {
	return notify.New(noun, verb, id, time.Now(), notify.Error, notify.Data{
		Cluster: "demo", Workload: notify.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: "u"},
		Reason: "CrashLoop", Message: "container app exited 3 times\x1b[2J", By: &notify.Author{FieldManager: "helm"},
		Revision: notify.Revision{UID: "2", Name: "web-2", Number: 2, Images: []string{"web:1.1"}},
	})
}

// publish starts a server that has the events, and returns its URL.
func publish(t *testing.T, es ...notify.Event) string {
	t.Helper()
	s, err := embedded.Start(embedded.Options{Listen: "127.0.0.1:0", StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Shutdown(within(t)); err != nil {
			t.Error(err)
		}
	})
	c, err := nats.Connect(nats.Options{URL: s.ClientURL()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.WaitConnected(within(t)); err != nil {
		t.Fatal(err)
	}
	for _, e := range es {
		if err := c.Publish(within(t), e); err != nil {
			t.Fatal(err)
		}
	}
	return s.ClientURL()
}

// TestRelay lets the endpoint be busy, then refuse one for good.
func TestRelay(t *testing.T) {
	url := publish(t, event("verdict", "bad", "id-1"), event("rollout", "started", "id-2"), event("rollback", "done", "id-3"), event("rollout", "recovered", "id-4"))
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	var posts []string
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body map[string]string
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("got %v, error %v", r.Header, err)
		}
		id := r.Header.Get("Idempotency-Key")
		posts = append(posts, id+" "+body["text"])
		switch {
		case len(posts) == 1:
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
		case id == "id-3":
			w.WriteHeader(http.StatusBadRequest)
		case id == "id-4":
			cancel()
		}
	}))
	defer endpoint.Close()
	if err := run(ctx, []string{"--url", url, "--to", endpoint.URL}, io.Discard); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"id-1 🔴 shop/web verdict bad: CrashLoop: container app exited 3 times [2J (revision 2, web:1.1), released by helm",
		"id-1 ", "id-3 ", "id-4 ",
	}
	if len(posts) != len(want) {
		t.Fatalf("got %q", posts)
	}
	for i := range want {
		if !strings.HasPrefix(posts[i], want[i]) {
			t.Errorf("got %q, want %q", posts[i], want[i])
		}
	}
}

func TestJudge(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		status    int
		after     string
		permanent bool
		want      string
	}{
		{204, "", false, ""},
		{429, "7", false, "again in 7s"},
		{503, "Thu, 01 Jan 2026 12:01:00 GMT", false, "again in 1m0s"},
		{503, "Thu, 01 Jan 2026 11:00:00 GMT", false, "again in 0s"},
		{500, "soon", false, "answers 500"},
		{408, "", false, "answers 408"},
		{404, "", false, "answers 404"},
		{413, "", true, "answers 413"},
		{302, "", true, "answers 302"},
	} {
		err := judge(&http.Response{StatusCode: c.status, Header: http.Header{"Retry-After": {c.after}}}, now)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) || notify.IsPermanent(err) != c.permanent {
			t.Errorf("%d, Retry-After %q: got %v, permanent %v", c.status, c.after, err, notify.IsPermanent(err))
		}
	}
}

// TestSecretURL checks that the URL of the webhook is in no error.
func TestSecretURL(t *testing.T) {
	r := relay{to: "http://127.0.0.1:1/hooks/secret"}
	err := r.post(within(t), subscribe.Delivery{Event: event("verdict", "bad", "id-1")})
	if err == nil || notify.IsPermanent(err) || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

func TestBadInput(t *testing.T) {
	t.Setenv("WEBHOOK_URL", "")
	for want, args := range map[string][]string{
		"is no URL":    {},
		"--to":         {"--to", "chat.example.org"},
		"flags only":   {"--to", "http://127.0.0.1", "more"},
		"noun.verb":    {"--to", "http://127.0.0.1", "--types", "bad"},
		"not defined":  {"--other"},
		"Durable \"a.": {"--to", "http://127.0.0.1", "--durable", "a.b"},
	} {
		err := run(within(t), args, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %q", args, err, want)
		}
	}
	if err := run(within(t), []string{"--to", "http://u:secret@%zz/"}, io.Discard); err == nil || strings.Contains(err.Error(), "secret") {
		t.Error(errors.Join(errors.New("the URL is in the error"), err))
	}
}
