package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

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

// stopper ends the run once a line has come.
type stopper struct {
	bytes.Buffer

	stop context.CancelFunc
}

func (s *stopper) Write(b []byte) (int, error) {
	s.stop()
	return s.Buffer.Write(b)
}

func TestTerminal(t *testing.T) {
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
	e := notify.New("verdict", "bad", "id-1", time.Now(), notify.Error, notify.Data{
		Cluster: "demo", Workload: notify.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: "u"},
		Reason: "CrashLoop", Message: "container app exited\x1b[2J",
	})
	e.CorrelationID = "0123456789abcdef"
	other := e
	other.ID, other.Type = "id-0", "dev.undog.rollout.started.v1"
	for _, e := range []notify.Event{other, e} {
		if err := c.Publish(within(t), e); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	out := &stopper{stop: cancel}
	if err := run(ctx, []string{"--url", s.ClientURL(), "--since", "1h", "--types", "verdict.*"}, out, io.Discard); err != nil {
		t.Fatal(err)
	}
	want := e.Time.Local().Format(time.TimeOnly) + "  ERROR  [01234567]  shop/web  verdict.bad  CrashLoop: container app exited [2J\n"
	if out.String() != want {
		t.Errorf("got  %q\nwant %q", out.String(), want)
	}
}

func TestBadInput(t *testing.T) {
	for want, args := range map[string][]string{
		"--since":   {"--since", "-1s"},
		"flags":     {"more"},
		"noun.verb": {"--types", "bad"},
		"creds":     {"--creds", "/does/not/exist.creds", "--url", "nats://127.0.0.1:1", "--types", "x"},
	} {
		err := run(within(t), args, io.Discard, io.Discard)
		if err == nil || want != "creds" && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %q", args, err, want)
		}
	}
}
