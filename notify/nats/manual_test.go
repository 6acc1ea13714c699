package nats_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"

	"github.com/undog-dev/undog/notify/nats"
)

// manual runs the shipped server with the user of docs/verdicts.md beside its own.
func manual(t *testing.T) *server.Server {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "verdicts.md"))
	if err != nil {
		t.Fatal(err)
	}
	const first, last = "\n      {\n        user: shop-ci", "\n      }\n"
	_, user, found := strings.Cut(string(text), first)
	user, _, ends := strings.Cut(user, last)
	if !found || !ends {
		t.Fatal("docs/verdicts.md has no user for a pipeline")
	}
	conf, err := os.ReadFile(filepath.Join(deploy, "nats.conf"))
	if err != nil {
		t.Fatal(err)
	}
	before, after, found := strings.Cut(string(conf), "    users: [")
	if !found {
		t.Fatal("the shipped configuration has no users")
	}
	file := filepath.Join(t.TempDir(), "nats.conf")
	if err := os.WriteFile(file, []byte(before+"    users: ["+first+user+last+after), 0o600); err != nil {
		t.Fatal(err)
	}
	return withPasswords(t, file, nil)
}

// The user of the manual can report on its own namespace, hears its own answers,
// and can do nothing else.
func TestPermissionsOfTheManual(t *testing.T) {
	ns := manual(t)
	answering(t, asUndog(t, ns, "undog", nats.Options{Manage: nats.ManageNone}), nats.Service{Subject: "undog.v1.req.prod.>", Handle: echo("heard")})
	ci := asUndog(t, ns, "shop-ci", nats.Options{})
	eventually(t, "an answer", func() bool {
		answer, err := ci.Request(within(t), "undog.v1.req.prod.shop.deployment.web.verdict", []byte("it"))
		if err != nil && !errors.Is(err, nats.ErrNobody) {
			t.Fatal(err)
		}
		return string(answer) == "heard it"
	})
	ctx, cancel := context.WithTimeout(within(t), 2*time.Second)
	defer cancel()
	answer, err := ci.Request(ctx, "undog.v1.req.prod.stock.deployment.web.verdict", []byte("it"))
	if err == nil || !strings.Contains(strings.ToLower(err.Error()), "permissions violation") {
		t.Errorf("another namespace's verdict: answer %q, error %v", answer, err)
	}
	nc, _, refused := as(t, ns, "shop-ci")
	for _, subject := range []string{"undog.v1.req.prod.>", "undog.v1.event.>", "_INBOX.>", "_INBOX_reporter.>"} {
		if _, err := nc.SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-refused:
			if !errors.Is(err, natsgo.ErrPermissionViolation) {
				t.Errorf("reading %s: %v", subject, err)
			}
		case <-within(t).Done():
			t.Errorf("a pipeline may read %s", subject)
		}
	}
}
