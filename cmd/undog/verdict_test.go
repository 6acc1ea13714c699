package main

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
	"github.com/undog-dev/undog/notify/nats/embedded"
)

// natsServer runs until the test ends.
func natsServer(t *testing.T) string {
	t.Helper()
	s, err := embedded.Start(embedded.Options{Listen: "127.0.0.1:0", StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return s.ClientURL()
}

// judging answers verdicts on the workloads of a cluster until the test ends.
func judging(t *testing.T, url string, answer func(subject string, r notify.VerdictRequest) notify.VerdictReply) {
	t.Helper()
	c, err := nats.Connect(nats.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- c.Serve(ctx, nats.Service{
			Subject: notify.AllRequests, Refuse: func(reason string) []byte { return []byte(reason) },
			Handle: func(_ context.Context, subject string, data []byte) []byte {
				r, err := notify.DecodeVerdict(data)
				if err != nil {
					t.Error(err)
				}
				b, err := json.Marshal(answer(subject, r))
				if err != nil {
					t.Error(err)
				}
				return b
			},
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	// It is there once it answers.
	waiting, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := c.Request(waiting, "undog.v1.req.test", []byte(`{"revision":"r","verdict":"good","reason":"is it there?"}`)); err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-waiting.Done():
			t.Fatal("the service does not answer")
		}
	}
}

func TestVerdict(t *testing.T) {
	alone(t)
	url := natsServer(t)
	var subject string
	var got notify.VerdictRequest
	reply := notify.VerdictReply{
		Accepted: true, Reason: "Accepted", Message: "revision 2 is judged\x1b[2J with this report", Phase: "RollingBack",
		Revision: notify.Revision{UID: "u", Name: "web-66d9", Hash: "66d9", Number: 2},
	}
	judging(t, url, func(s string, r notify.VerdictRequest) notify.VerdictReply {
		subject, got = s, r
		return reply
	})
	t.Setenv("UNDOG_NATS_URL", url)
	t.Setenv("UNDOG_CLUSTER", "demo")
	t.Setenv("USER", "ada")
	args := []string{"verdict", "shop/web.front", "bad", "--revision", "example.org/web:v1.1", "--reason", "checkout fails"}
	code, out, errs := start(t.Context(), t, &program{}, args...)
	const accepted = `shop/web.front, revision 2 (web-66d9): the verdict "bad" is accepted: revision 2 is judged [2J with this report; phase RollingBack` + "\n"
	if code != exitOK || out != accepted || errs != "" {
		t.Errorf("code %d\n%s%s", code, out, errs)
	}
	want := notify.VerdictRequest{Namespace: "shop", Name: "web.front", Revision: "example.org/web:v1.1", Verdict: "bad", Reason: "checkout fails", By: "ada"}
	if subject != "undog.v1.req.demo.shop.deployment.web_front.verdict" || got != want {
		t.Errorf("asked %s with %+v", subject, got)
	}

	reply = notify.VerdictReply{Reason: "StaleRevision", Message: "revision 1 is not the current one"}
	code, out, errs = start(t.Context(), t, &program{}, append(args, "--by", "ci", "--cluster", "eu")...)
	const refused = `undog: shop/web.front, revision example.org/web:v1.1: the verdict "bad" is refused, StaleRevision: revision 1 is not the current one` + "\n"
	if code != exitError || out != "" || errs != refused {
		t.Errorf("code %d\n%s%s", code, out, errs)
	}
	if got.By != "ci" || !strings.HasPrefix(subject, "undog.v1.req.eu.") {
		t.Errorf("asked %s with %+v", subject, got)
	}

	// The file says where its undog is.
	t.Setenv("UNDOG_NATS_URL", "")
	t.Setenv("UNDOG_CLUSTER", "")
	if err := os.WriteFile("undog.yaml", []byte("cluster: filed\nnats: {url: '"+url+"'}\nmode: nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errs = start(t.Context(), t, &program{}, args...)
	if code != exitError || errs != refused || !strings.HasPrefix(subject, "undog.v1.req.filed.") {
		t.Errorf("code %d, asked %s\n%s", code, subject, errs)
	}
}

func TestVerdictThatNobodyAnswers(t *testing.T) {
	alone(t)
	url := natsServer(t)
	args := []string{"verdict", "shop/web", "good", "--revision", "66d9", "--reason", "the smoke test passed", "--nats-url"}
	code, out, errs := start(t.Context(), t, &program{}, append(args, url)...)
	if code != exitNobody || out != "" || !strings.HasPrefix(errs, "undog: no undog answers for cluster default (") || !strings.Contains(errs, url) || !strings.Contains(errs, "nobody listens") || !strings.Contains(errs, "--cluster") {
		t.Errorf("code %d\n%s%s", code, out, errs)
	}
	code, _, errs = start(t.Context(), t, &program{}, append(args, "nats://127.0.0.1:1")...)
	if code != exitNobody || !strings.Contains(errs, "no undog answers for cluster default") || !strings.Contains(errs, "is undog running") {
		t.Errorf("code %d\n%s", code, errs)
	}
}

func TestVerdictThatCannotBeSent(t *testing.T) {
	alone(t)
	for _, tt := range []struct {
		args string
		want []string
	}{
		{"shop/web", []string{"good|bad is missing"}},
		{"web bad", []string{`"web" is not NAMESPACE/NAME`}},
		{"shop/web evil", []string{`the verdict is "evil"; write good or bad`, "--revision is missing; 'undog history shop/web' lists", "--reason is missing"}},
		{"shop/web bad --revision a\x1bb --reason x", []string{`revision "a b"`, "pod-template-hash"}},
		{"shop/web bad --revision a --reason x --cluster a.b", []string{`flag --cluster: "a.b" is not a cluster name`}},
	} {
		code, out, errs := start(t.Context(), t, &program{}, append([]string{"verdict"}, strings.Split(tt.args, " ")...)...)
		if code != exitUsage || out != "" || !strings.Contains(errs, "undog verdict --help") {
			t.Errorf("%s: code %d\n%s%s", tt.args, code, out, errs)
		}
		for _, want := range tt.want {
			if !strings.Contains(errs, want) {
				t.Errorf("%s: %s does not say %s", tt.args, errs, want)
			}
		}
	}
}
