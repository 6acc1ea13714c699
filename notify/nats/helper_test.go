package nats_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
	"github.com/undog-dev/undog/notify/nats/embedded"
	"github.com/undog-dev/undog/notify/outbox"
	"github.com/undog-dev/undog/policy"
)

// patience bounds every wait of these tests; none should come near it.
const patience = 60 * time.Second

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// eventually polls until the condition holds.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ctx := within(t)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// serve runs a server until the test ends, or until stop is called.
func serve(t testing.TB, opts embedded.Options) (s *embedded.Server, stop func()) {
	t.Helper()
	if opts.StoreDir == "" {
		opts.StoreDir = t.TempDir()
	}
	s, err := embedded.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	stop = func() {
		if err := s.Shutdown(within(t)); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return s, stop
}

func connect(t testing.TB, opts nats.Options) *nats.Client {
	t.Helper()
	if opts.ReconnectWait == 0 {
		opts.ReconnectWait = 10 * time.Millisecond
	}
	c, err := nats.Connect(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// online is a client of a fresh server of its own, and a bare client beside it.
func online(t testing.TB, opts nats.Options) (*nats.Client, jetstream.JetStream) {
	t.Helper()
	s, _ := serve(t, embedded.Options{})
	opts.InProcess = s
	c := connect(t, opts)
	if err := c.WaitConnected(within(t)); err != nil {
		t.Fatal(err)
	}
	return c, bare(t, s)
}

// bare is a JetStream client that knows nothing of undog.
func bare(t testing.TB, s *embedded.Server) jetstream.JetStream {
	t.Helper()
	nc, err := natsgo.Connect("", natsgo.InProcessServer(s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// stored returns the message ids that the stream holds, in order.
func stored(t testing.TB, js jetstream.JetStream) []string {
	t.Helper()
	s, err := js.Stream(within(t), nats.StreamName)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	state := s.CachedInfo().State
	for seq := state.FirstSeq; seq <= state.LastSeq && state.Msgs > 0; seq++ {
		m, err := s.GetMsg(within(t), seq)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.Header.Get(jetstream.MsgIDHeader))
	}
	return ids
}

// transition number n of a workload.
func transition(name string, n int) policy.Transition {
	kinds := []policy.TransitionKind{policy.VerdictBad, policy.RollbackDone}
	return policy.Transition{
		ID: fmt.Sprintf("%s-%d", name, n), Kind: kinds[n%2], At: time.Now(), Reason: "CrashLoop", Message: "it crashed",
		Workload: policy.Workload{Kind: "Deployment", Namespace: "shop", Name: name, UID: "uid-" + name},
		Rollout:  "rollout-of-" + name,
	}
}

func event(name string, n int) notify.Event {
	return outbox.FromTransition("demo", transition(name, n))
}

// run runs an outbox until the test ends.
func run(t testing.TB, opts outbox.Options) *outbox.Outbox {
	t.Helper()
	opts.Cluster = "demo"
	opts.MinWait, opts.MaxWait = 5*time.Millisecond, 50*time.Millisecond
	o, err := outbox.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- o.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return o
}

// proxy stands between a client and a server, and can keep the server's
// answers to itself.
type proxy struct {
	l       net.Listener
	backend string

	mu      sync.Mutex
	swallow bool
	paused  bool
	conns   []net.Conn
}

func newProxy(t testing.TB, serverURL string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{l: l, backend: strings.TrimPrefix(serverURL, "nats://")}
	go p.accept()
	t.Cleanup(func() {
		_ = l.Close()
		p.cut()
	})
	return p
}

func (p *proxy) url() string { return "nats://" + p.l.Addr().String() }

func (p *proxy) accept() {
	for {
		c, err := p.l.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		paused := p.paused
		p.mu.Unlock()
		b, err := net.Dial("tcp", p.backend)
		if err == nil && paused {
			err = errors.Join(b.Close(), net.ErrClosed)
		}
		if err != nil {
			_ = c.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, c, b)
		p.mu.Unlock()
		go func() {
			_, _ = io.Copy(b, c)
			_ = b.Close()
		}()
		go func() {
			_, _ = io.Copy(writer{p, c}, b)
			_ = c.Close()
		}()
	}
}

// writer drops what is written while the proxy swallows.
type writer struct {
	p *proxy
	c net.Conn
}

func (w writer) Write(b []byte) (int, error) {
	w.p.mu.Lock()
	swallow := w.p.swallow
	w.p.mu.Unlock()
	if swallow {
		return len(b), nil
	}
	return w.c.Write(b)
}

func (p *proxy) setSwallow(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.swallow = on
}

// pause cuts the way off, or opens it again.
func (p *proxy) pause(on bool) {
	p.mu.Lock()
	p.paused = on
	p.mu.Unlock()
	if on {
		p.cut()
	}
}

// cut closes all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}
