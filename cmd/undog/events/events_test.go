package events_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/cmd/undog/events"
	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
	"github.com/undog-dev/undog/notify/nats/embedded"
)

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// example is an event with everything that the text shows.
func example() notify.Event {
	code := int32(1)
	return notify.New("verdict", "bad", "id-1", time.Now(), notify.Error, notify.Data{
		Cluster: "demo", Workload: notify.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: "u"},
		Reason: "CrashLoop", Message: "container app exited 3 times",
		Revision: notify.Revision{UID: "2", Name: "web-66d9", Number: 2, Images: []string{"web:v1.1"}},
		Target:   notify.Revision{UID: "1", Name: "web-5f7c", Number: 1, Images: []string{"web:v1.0"}},
		Failures: []notify.Failure{
			{Reason: "Error", Container: "app", ExitCode: &code, Pods: 2, Count: 6, Samples: []string{"a", "b"}, Message: "boom\x1b[2J\nfake line\u202e"},
			{Reason: "ErrImagePull", Container: "setup", Init: true, Pods: 1, Count: 1},
		},
		Changes: []notify.Change{
			{Path: "spec.containers[app].image", From: "web:v1.0", To: "web:v1.1"},
			{Path: "spec.containers[app].env[TOKEN]"},
			{Path: "spec.containers[app].tty", To: "true"},
			{Path: "spec.hostname", From: "x"},
		},
		Checks: []notify.Check{{
			Name: "greeting", New: 7, NewFailed: 7, Old: 14, Odds: 2300, Reason: "Hole", Step: "front page", Message: "a text is empty", Excerpt: "Welcome !\x1b[2J",
			Pods: []string{"a"}, Differences: []notify.Difference{{Kind: "text", Where: "/footer", Old: "v1.0", New: "v1.1"}},
		}},
		Reported: &notify.Reported{At: time.Now(), Reason: "checkout fails", By: "ci"},
		Cut:      &notify.Cut{Failures: 2, Changes: 1},
	})
}

// start runs a server and returns its URL and a client of it.
func start(t *testing.T) (string, *nats.Client) {
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
	return s.ClientURL(), c
}

func publish(t *testing.T, c *nats.Client, es ...notify.Event) {
	t.Helper()
	for _, e := range es {
		if err := c.Publish(within(t), e); err != nil {
			t.Fatal(err)
		}
	}
}

func TestText(t *testing.T) {
	url, c := start(t)
	e := example()
	publish(t, c, e)
	var out bytes.Buffer
	if err := events.Run(within(t), events.Options{URL: url, Out: &out}); err != nil {
		t.Fatal(err)
	}
	want := e.Time.Local().Format("2006-01-02 15:04:05") + `  shop/web  verdict.bad  CrashLoop: container app exited 3 times
    revision 2 (web-66d9) web:v1.1, target 1 (web-5f7c) web:v1.0
    changed spec.containers[app].image: web:v1.0 → web:v1.1
    changed spec.containers[app].env[TOKEN]
    changed spec.containers[app].tty: now true
    changed spec.hostname: no longer x
    Error (exit code 1) in container app, 6 times on 2 pods, as in a, b: boom [2J fake line` + " " + `
    ErrImagePull in init container setup, 1 time on 1 pod
    check greeting: 7 of 7 plays failed (step front page: Hole, a text is empty); the old revision 0 of 14; 2,300 to 1 against it
      “Welcome ! [2J”
      as in a
      differs, not held against it: text at /footer: “v1.0” → “v1.1”
    reported bad by ci: checkout fails
    and 2 failures and 1 changes that did not fit into the event
`
	if out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", out.String(), want)
	}
}

func TestJSONIsWhatWasPublished(t *testing.T) {
	url, c := start(t)
	other := example()
	other.ID, other.Data.Workload.Name = "id-2", "api"
	publish(t, c, example(), other)
	for name, tc := range map[string]struct {
		opts events.Options
		want []string
	}{
		"all":       {events.Options{}, []string{"id-1", "id-2"}},
		"workload":  {events.Options{Namespace: "shop", Name: "api"}, []string{"id-2"}},
		"namespace": {events.Options{Namespace: "stock"}, nil},
		"type":      {events.Options{Types: []string{"rollback.*", "*.good"}}, nil},
		"types":     {events.Options{Types: []string{"rollback.*", "verdict.b*"}}, []string{"id-1", "id-2"}},
		"until":     {events.Options{Until: time.Now().Add(-time.Hour)}, nil},
		"since":     {events.Options{Since: time.Now().Add(-time.Hour)}, []string{"id-1", "id-2"}},
	} {
		var out bytes.Buffer
		tc.opts.URL, tc.opts.Out, tc.opts.Output = url, &out, events.JSON
		if err := events.Run(within(t), tc.opts); err != nil {
			t.Fatal(err)
		}
		var got []string
		for line := range strings.Lines(out.String()) {
			e, err := notify.Decode([]byte(line))
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e.ID)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v", name, got, tc.want)
		}
	}
}

func TestFollowEndsWithTheContext(t *testing.T) {
	url, c := start(t)
	publish(t, c, example())
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- events.Run(ctx, events.Options{URL: url, Follow: true, Output: events.JSON, Out: w}) }()
	context.AfterFunc(within(t), func() { _ = r.CloseWithError(errors.New("too late")) })
	b := make([]byte, 64<<10)
	for _, id := range []string{"id-1", "id-2"} {
		n, err := r.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		if e, err := notify.Decode(b[:n]); err != nil || e.ID != id {
			t.Fatalf("got %q, error %v, want %s", e.ID, err, id)
		}
		next := example()
		next.ID = "id-2"
		publish(t, c, next)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestBadInput(t *testing.T) {
	url, _ := start(t)
	for want, opts := range map[string]events.Options{
		`output "yaml": want text or json`:  {URL: url, Output: "yaml", Out: io.Discard},
		"nothing lies between":              {URL: url, Since: time.Now(), Until: time.Now().Add(-time.Hour), Out: io.Discard},
		`type "rolback.*" matches no event`: {URL: url, Types: []string{"rolback.*"}, Out: io.Discard},
		`type "verdict.["`:                  {URL: url, Types: []string{"verdict.["}, Out: io.Discard},
		"a timeline is text":                {URL: url, Timeline: true, Follow: true, Out: io.Discard},
		"out is nil":                        {URL: url},
		`scheme "http"`:                     {URL: "http://localhost", Out: io.Discard},
		`namespace "A"`:                     {URL: url, Namespace: "A", Out: io.Discard},
		"undog run creates it":              {URL: url, Out: io.Discard},
	} {
		err := events.Run(within(t), opts)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
}

func TestServerThatIsNotThere(t *testing.T) {
	ctx, cancel := context.WithTimeout(within(t), 300*time.Millisecond)
	defer cancel()
	err := events.Run(ctx, events.Options{URL: "nats://127.0.0.1:1", Out: io.Discard})
	if !errors.Is(err, nats.ErrNotConnected) || !strings.Contains(err.Error(), "nats://127.0.0.1:1: ") || !strings.Contains(err.Error(), "is undog running") {
		t.Errorf("got error %v", err)
	}
	t.Log(err)
}
