package nats

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	natsgo "github.com/nats-io/nats.go"
)

// dialWithin bounds one try to reach a server.
const dialWithin = 2 * time.Second

// dialer makes the connections, so that a try can be ended: the client library
// holds its lock for as long as one takes, and Close would wait for that.
type dialer struct {
	inProcess natsgo.InProcessConnProvider
	// before is called for each connection; nil means nothing.
	before func() error
	ctx    context.Context
	cancel context.CancelFunc

	mu   sync.Mutex
	last net.Conn
}

func newDialer(inProcess natsgo.InProcessConnProvider) *dialer {
	d := &dialer{inProcess: inProcess}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// Dial is called by the connection itself, which holds its own lock meanwhile.
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	if d.before != nil {
		if err := d.before(); err != nil {
			return nil, err
		}
	}
	return d.keep((&net.Dialer{Timeout: dialWithin}).DialContext(d.ctx, network, address))
}

// InProcessConn connects to the embedded server.
func (d *dialer) InProcessConn() (net.Conn, error) { return d.keep(d.inProcess.InProcessConn()) }

func (d *dialer) keep(conn net.Conn, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("connect: %w", net.ErrClosed)
	}
	d.last = conn
	return conn, nil
}

// end ends the try to connect that is under way, and any later one.
func (d *dialer) end() {
	d.cancel()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last != nil {
		_ = d.last.Close()
	}
}

// StopConnecting ends the tries to connect, if there is no connection. It is for
// the end, when nobody is to wait for a server that is away.
func (c *Client) StopConnecting() {
	if !c.online.Load() {
		c.dialer.end()
	}
}
