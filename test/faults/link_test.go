package faults_test

import (
	"bytes"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

var errDown = errors.New("connection refused")

// link is undog's way to the server, and what can happen to it.
type link struct {
	mu     sync.Mutex
	server *server.Server // Nil while it is down.
	wires  map[*wire]struct{}
	// slow delays every acknowledgement, deaf swallows them.
	slow time.Duration
	deaf bool
}

// InProcessConn is how the client connects.
func (l *link) InProcessConn() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server == nil {
		return nil, errDown
	}
	c, err := l.server.InProcessConn()
	if err != nil {
		return nil, err
	}
	w := &wire{Conn: c, link: l, closed: make(chan struct{})}
	l.wires[w] = struct{}{}
	return w, nil
}

func (l *link) set(change func(*link)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(l)
}

// cut breaks the connections.
func (l *link) cut() {
	l.mu.Lock()
	wires := l.wires
	l.wires = map[*wire]struct{}{}
	l.mu.Unlock()
	for w := range wires {
		_ = w.Close()
	}
}

// die makes the connections of now swallow everything in both directions: the
// other side is gone and nobody says so. New ones are well.
func (l *link) die() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for w := range l.wires {
		w.dead = true
	}
}

// wire is one connection.
type wire struct {
	net.Conn
	link   *link
	dead   bool // Guarded by link.mu.
	once   sync.Once
	closed chan struct{}
}

func (w *wire) state() (dead, deaf bool, slow time.Duration) {
	w.link.mu.Lock()
	defer w.link.mu.Unlock()
	return w.dead, w.link.deaf, w.link.slow
}

// Read reads what the server sends, unless that is swallowed.
func (w *wire) Read(b []byte) (int, error) {
	for {
		n, err := w.Conn.Read(b)
		dead, deaf, slow := w.state()
		answer := bytes.Contains(b[:n], []byte("MSG "))
		if err == nil && (dead || deaf && answer) {
			continue
		}
		if slow > 0 && answer {
			select {
			case <-time.After(slow):
			case <-w.closed:
			}
		}
		return n, err
	}
}

// Write sends to the server, unless that is swallowed.
func (w *wire) Write(b []byte) (int, error) {
	if dead, _, _ := w.state(); dead {
		return len(b), nil
	}
	return w.Conn.Write(b)
}

// Close ends the connection.
func (w *wire) Close() error {
	w.once.Do(func() { close(w.closed) })
	return w.Conn.Close()
}
