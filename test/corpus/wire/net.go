package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"syscall"

	"github.com/undog-dev/undog/watcher/check/play"
)

// Net carries connections in memory.
type Net struct {
	server *http.Server
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	served chan struct{}
}

// Listens is what is at the other end of a connection.
type Listens struct {
	Handler http.Handler
	// TLS is nil for plain HTTP.
	TLS *tls.Config
	// Silent never answers, not even to say that nobody listens.
	Silent bool
}

type handlerKey struct{}

// New returns one that works until it is closed.
func New() *Net {
	n := &Net{conns: make(chan net.Conn), closed: make(chan struct{}), served: make(chan struct{})}
	n.server = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if h, ok := r.Context().Value(handlerKey{}).(http.Handler); ok {
				h.ServeHTTP(w, r)
			}
		}),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			if secure, ok := c.(*tls.Conn); ok {
				c = secure.NetConn()
			}
			if own, ok := c.(*conn); ok {
				ctx = context.WithValue(ctx, handlerKey{}, own.handler)
			}
			return ctx
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() {
		defer close(n.served)
		_ = n.server.Serve((*listener)(n)) // It ends when it is closed, with nothing to tell.
	}()
	return n
}

// Close ends every connection.
func (n *Net) Close() error {
	err := n.server.Close()
	<-n.served
	if err != nil {
		return fmt.Errorf("close the net: %w", err)
	}
	return nil
}

// Target is a pod to play on. what is nil if nobody listens there.
func (n *Net) Target(pod, host string, clock *Clock, what *Listens) play.Target {
	return play.Target{Pod: pod, Host: host, Clock: clock, Dial: func(ctx context.Context) (net.Conn, error) {
		switch {
		case what == nil:
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		case what.Silent:
			clock.Hang(ctx)
			return nil, errors.New("nobody answers")
		}
		return n.connect(ctx, what)
	}}
}

// connect hands one end to the server.
func (n *Net) connect(ctx context.Context, what *Listens) (net.Conn, error) {
	near, far := net.Pipe()
	var served net.Conn = &conn{Conn: far, handler: what.Handler}
	if what.TLS != nil {
		served = tls.Server(served, what.TLS)
	}
	select {
	case n.conns <- served:
		return near, nil
	case <-n.closed:
	case <-ctx.Done():
	}
	_, _ = near.Close(), far.Close()
	return nil, errors.New("the net is closed")
}

// conn is a connection with what answers on it.
type conn struct {
	net.Conn
	handler http.Handler
}

// listener is the Net as its server sees it.
type listener Net

// Accept returns the next connection.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close lets no more in.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr is of no use.
func (l *listener) Addr() net.Addr { return &net.UnixAddr{Net: "memory"} }
