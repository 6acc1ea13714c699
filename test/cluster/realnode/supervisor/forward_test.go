package supervisor

import (
	"context"
	"io"
	"net"
	"testing"
	"time"
)

func newListener(t *testing.T) net.Listener {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestForwardPassesBothWaysAndTheEnd echoes only once the client is done, as a
// server does that answers after the request's end.
func TestForwardPassesBothWaysAndTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server, front := newListener(t), newListener(t)
	go func() {
		conn, err := server.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		heard, err := io.ReadAll(conn)
		if err == nil {
			_, _ = conn.Write(append([]byte("heard "), heard...))
		}
	}()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		forward(ctx, front, server.Addr().String())
	}()
	conn := dial(t, front.Addr().String())
	if _, err := conn.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	reply, err := io.ReadAll(conn)
	if err != nil || string(reply) != "heard hello" {
		t.Errorf("got %q, %v, want heard hello", reply, err)
	}
	cancel()
	<-ended
}

func TestForwardClosesWhenTheServerIsDown(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server, front := newListener(t), newListener(t)
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		forward(ctx, front, server.Addr().String())
	}()
	conn := dial(t, front.Addr().String())
	if n, err := conn.Read(make([]byte, 1)); err == nil {
		t.Errorf("read %d bytes of nobody", n)
	}
	cancel()
	<-ended
}
