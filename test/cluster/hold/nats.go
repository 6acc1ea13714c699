package hold

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
)

// eventPrefix begins the subjects of events.
const eventPrefix = "undog.v1.event."

// NATS is a TCP proxy on a loopback address before a NATS server.
type NATS struct {
	address, upstream string
	ctx               context.Context
	cancel            context.CancelFunc
	goroutines        sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener // Nil while down.
	links    map[*link]struct{}
	gates    []natsGate
}

type natsGate struct {
	*Gate
	suffix string
}

// NewNATS starts a proxy before the server at host:port; Close ends it.
func NewNATS(upstream string) (*NATS, error) {
	n := &NATS{address: "127.0.0.1:0", upstream: strings.TrimPrefix(upstream, "nats://"), links: map[*link]struct{}{}}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	if err := n.Up(); err != nil {
		n.cancel()
		return nil, err
	}
	return n, nil
}

// URL is where clients connect.
func (n *NATS) URL() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return "nats://" + n.address
}

// HoldAck holds everything that the server sends on a connection from the
// moment the client publishes an event of the kind, such as rollback.done.
// The server gets the event; the client does not learn of it.
func (n *NATS) HoldAck(kind string) *Gate {
	g := newGate()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.gates = append(n.gates, natsGate{Gate: g, suffix: "." + kind})
	return g
}

// Down breaks all connections and refuses new ones, as a server that is away.
func (n *NATS) Down() error {
	n.mu.Lock()
	listener := n.listener
	n.listener = nil
	for l := range n.links {
		l.close()
	}
	n.mu.Unlock()
	if listener == nil {
		return nil
	}
	if err := listener.Close(); err != nil {
		return fmt.Errorf("take NATS proxy down: %w", err)
	}
	return nil
}

// Up accepts connections again, at the same address.
func (n *NATS) Up() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.listener != nil {
		return nil
	}
	listener, err := net.Listen("tcp", n.address)
	if err != nil {
		return fmt.Errorf("bring NATS proxy up: %w", err)
	}
	n.listener, n.address = listener, listener.Addr().String()
	n.goroutines.Go(func() { n.accept(listener) })
	return nil
}

// Close ends the proxy and everything that it holds.
func (n *NATS) Close() error {
	n.cancel()
	err := n.Down()
	n.goroutines.Wait()
	return err
}

// accept serves until the listener is closed.
func (n *NATS) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		n.goroutines.Go(func() { n.serve(listener, client) })
	}
}

// serve links one client with the server until either goes.
func (n *NATS) serve(listener net.Listener, client net.Conn) {
	var dialer net.Dialer
	server, err := dialer.DialContext(n.ctx, "tcp", n.upstream)
	if err != nil {
		_ = client.Close()
		return
	}
	l := newLink(n.ctx, client, server)
	defer l.close()
	n.mu.Lock()
	if n.listener != listener {
		// Down came in between.
		n.mu.Unlock()
		return
	}
	n.links[l] = struct{}{}
	n.mu.Unlock()
	var pumps sync.WaitGroup
	pumps.Go(func() { defer l.close(); l.answers() })
	pumps.Go(func() { defer l.close(); l.requests(n.published) })
	pumps.Wait()
	n.mu.Lock()
	delete(n.links, l)
	n.mu.Unlock()
}

// published returns the gate that an event on the subject comes to, if any.
func (n *NATS) published(subject string) *Gate {
	if !strings.HasPrefix(subject, eventPrefix) {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, g := range n.gates {
		if strings.HasSuffix(subject, g.suffix) {
			return g.Gate
		}
	}
	return nil
}
