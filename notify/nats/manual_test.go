package nats_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"

	"github.com/undog-dev/undog/notify/nats"
)

// manual runs a server with the permissions of docs/verdicts.md.
func manual(t *testing.T) func(user string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "verdicts.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, snippet, found := strings.Cut(string(text), "    authorization {")
	snippet, _, ends := strings.Cut(snippet, "\n    }\n")
	if !found || !ends {
		t.Fatal("docs/verdicts.md has no example of permissions")
	}
	t.Setenv("SHOP_CI", "one")
	t.Setenv("UNDOG", "two")
	file := filepath.Join(t.TempDir(), "nats.conf")
	if err := os.WriteFile(file, []byte("authorization {"+snippet+"\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	opts, err := server.ProcessConfigFile(file)
	if err != nil {
		t.Fatal(err)
	}
	opts.Host, opts.Port, opts.NoSigs, opts.JetStream, opts.StoreDir = "127.0.0.1", server.RANDOM_PORT, true, true, t.TempDir()
	s, err := server.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(patience) {
		t.Fatal("the server does not start")
	}
	return func(user string) string {
		u, err := url.Parse(s.ClientURL())
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.UserPassword(user, map[string]string{"shop-ci": "one", "undog": "two"}[user])
		return u.String()
	}
}

// The permissions of the manual are what undog needs, and keep a pipeline to
// its own namespace.
func TestPermissionsOfTheManual(t *testing.T) {
	at := manual(t)
	undog := connect(t, nats.Options{URL: at("undog"), Cluster: "prod"})
	if err := undog.WaitConnected(within(t)); err != nil {
		t.Fatal(err)
	}
	e := event("web", 0)
	e.Data.Cluster = "prod"
	if err := undog.Publish(within(t), e); err != nil {
		t.Fatal(err)
	}
	if known, err := undog.Known(within(t), time.Now().Add(-time.Hour)); err != nil || !known(e.ID) {
		t.Errorf("the event is not found again: %v", err)
	}
	answering(t, undog, nats.Service{Subject: "undog.v1.req.prod.*.*.*.verdict", Handle: echo("heard")})
	ci := connect(t, nats.Options{URL: at("shop-ci")})
	if err := ci.WaitConnected(within(t)); err != nil {
		t.Fatal(err)
	}
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
	refused := make(chan error, 1)
	nc, err := natsgo.Connect(at("shop-ci"), natsgo.ErrorHandler(func(_ *natsgo.Conn, _ *natsgo.Subscription, err error) {
		select {
		case refused <- err:
		default:
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := nc.SubscribeSync("undog.v1.req.prod.>"); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-refused:
		if !errors.Is(err, natsgo.ErrPermissionViolation) {
			t.Errorf("reading the requests of others: %v", err)
		}
	case <-within(t).Done():
		t.Error("a pipeline may read the requests of others")
	}
}
