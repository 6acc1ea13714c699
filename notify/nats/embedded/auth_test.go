package embedded_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
)

// gate is an authentication that can be closed.
type gate struct {
	mu      sync.Mutex
	closed  bool
	refused int
}

// Check is part of server.Authentication.
func (g *gate) Check(server.ClientAuthentication) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		g.refused++
	}
	return !g.closed
}

func (g *gate) set(closed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed, g.refused = closed, 0
}

func (g *gate) awaitRefusals(t *testing.T, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		g.mu.Lock()
		refused := g.refused
		g.mu.Unlock()
		if refused >= n {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("refused %d times, want %d", refused, n)
		}
	}
}

// Two equal authentication errors in a row end a connection for ever, unless
// the client was told otherwise.
func TestAuthenticationErrorsAreSurvived(t *testing.T) {
	g := &gate{closed: true}
	ns, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, CustomClientAuthentication: g,
		JetStream: true, StoreDir: t.TempDir(), JetStreamMaxMemory: 1 << 20, JetStreamMaxStore: 1 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	t.Cleanup(func() {
		ns.Shutdown()
		ns.WaitForShutdown()
	})
	c, err := nats.Connect(nats.Options{URL: ns.ClientURL(), ReconnectWait: 5 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	e := notify.New("rollback", "done", "id-1", time.Now(), notify.Warn, notify.Data{
		Cluster: "demo", Workload: notify.Workload{Kind: "Deployment", Namespace: "shop", Name: "web"},
	})

	g.awaitRefusals(t, 5)
	if err := c.Publish(ctx, e); err == nil || !strings.Contains(strings.ToLower(err.Error()), "authorization") {
		t.Errorf("the error does not tell of authorization: %v", err)
	}
	g.set(false)
	if err := c.WaitConnected(ctx); err != nil {
		t.Fatal(err)
	}
	if err := c.Publish(ctx, e); err != nil {
		t.Fatal(err)
	}

	// Now the same in the middle of a connection.
	<-c.Reconnected()
	g.set(true)
	connz, err := ns.Connz(nil)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(connz.Conns, func(c *server.ConnInfo) bool { return c.Name == "undog" })
	if err := ns.DisconnectClientByID(connz.Conns[i].Cid); err != nil {
		t.Fatal(err)
	}
	g.awaitRefusals(t, 5)
	g.set(false)
	select {
	case <-c.Reconnected():
	case <-ctx.Done():
		t.Fatal("it did not come back")
	}
	if err := c.Publish(ctx, e); err != nil {
		t.Fatal(err)
	}
	if c.Duplicates() != 1 {
		t.Errorf("%d duplicates, want the second of two", c.Duplicates())
	}
}
