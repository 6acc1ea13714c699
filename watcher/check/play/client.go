package play

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"

	"github.com/undog-dev/undog/watcher/check"
)

// client is a transport that reaches one pod and owns every connection to it.
type client struct {
	transport *http.Transport
	mu        sync.Mutex
	conns     []net.Conn
	closed    bool
}

// handshakeError is a TLS handshake that failed.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return "handshake: " + e.err.Error() }
func (e *handshakeError) Unwrap() error { return e.err }

func newClient(c *check.Check, target Target) *client {
	out := &client{}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) { return out.dial(ctx, target.Dial) }
	out.transport = &http.Transport{
		Proxy:       nil, // Neither the environment's nor any other.
		DialContext: dial,
		DialTLSContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dial(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			secure := tls.Client(conn, tlsConfig(c, target, addr))
			if err := secure.HandshakeContext(ctx); err != nil {
				_ = conn.Close()
				if ctx.Err() != nil {
					return nil, ctx.Err()
				}
				return nil, &handshakeError{err}
			}
			return secure, nil
		},
		MaxConnsPerHost:        2,
		MaxIdleConnsPerHost:    1,
		MaxResponseHeaderBytes: check.MaxHeader,
		// HTTP/1 is what every pod speaks.
		Protocols: protocols(),
	}
	return out
}

func protocols() *http.Protocols {
	var p http.Protocols
	p.SetHTTP1(true)
	return &p
}

// tlsConfig verifies the certificate only for a check that says which name it
// has. A pod's own certificate is signed by whoever made the image or the mesh,
// for a name that is not its address, and the kubelet's probes take it as it is.
// The connection was made to the pod itself, so nobody else can answer.
func tlsConfig(c *check.Check, target Target, addr string) *tls.Config {
	if c.ServerName != "" {
		return &tls.Config{ServerName: c.ServerName, RootCAs: target.Roots, MinVersion: tls.VersionTLS12}
	}
	name, _, err := net.SplitHostPort(addr)
	if err != nil {
		name = addr
	}
	return &tls.Config{ServerName: name, InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}
}

func (c *client) dial(ctx context.Context, dial Dialer) (net.Conn, error) {
	conn, err := dial(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		_ = conn.Close()
		return nil, errors.New("the play is over")
	}
	c.conns = append(c.conns, conn)
	return conn, nil
}

// close closes every connection, idle or not.
func (c *client) close() {
	c.transport.CloseIdleConnections()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, conn := range c.conns {
		_ = conn.Close() // It may be closed already.
	}
}
