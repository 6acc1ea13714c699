package nats

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ErrNotConnected says that there is no connection now. It comes back by itself.
var ErrNotConnected = errors.New("not connected to NATS")

// pingInterval is how often an idle connection is tried: two lost answers
// show one that is dead but not closed.
const pingInterval = 15 * time.Second

// Client is a connection to NATS that is never given up. It is a
// notify.Publisher, and safe for concurrent use.
type Client struct {
	opts  Options
	url   string
	nc    *natsgo.Conn
	js    jetstream.JetStream
	log   *limiter
	up    chan struct{}
	dups  atomic.Uint64
	acked atomic.Uint64
	ready atomic.Bool
	acks  acks
	// places is where the stream put what undog keeps complete.
	places *places
	// elsewhere knows when to leave a server.
	elsewhere elsewhere
	dialer    *dialer
	// online is whether there is a connection, as the callbacks tell it. To ask
	// the connection itself may take as long as a try to connect.
	online atomic.Bool
	// denied is the latest permission that the server refused.
	denied atomic.Pointer[string]
	// conn is nc, for the callbacks that run before it is set.
	conn atomic.Pointer[natsgo.Conn]

	mu      sync.Mutex
	lastErr error
	closed  bool
}

// Status is for /readyz and metrics.
type Status struct {
	Connected bool
	// Stream says that the stream was created or verified on this connection.
	Stream bool
	// Acks tells whether what the stream acknowledges is on disk by then.
	Acks Durability
	// LastError is the latest trouble since things last went well, nil if none.
	LastError error
}

// Connect starts to connect and returns at once, also when no server is there:
// it is tried for ever. Only options that can never work are an error.
func Connect(opts Options) (*Client, error) {
	if err := opts.complete(); err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	c := &Client{opts: opts, url: opts.redacted(), up: make(chan struct{}, 1), log: newLimiter(opts.Log), places: newPlaces(), dialer: newDialer(opts.InProcess)}
	nc, err := natsgo.Connect(opts.URL, c.connOptions()...)
	if err != nil {
		return nil, fmt.Errorf("connect to NATS at %s: %w", c.url, err)
	}
	c.conn.Store(nc)
	js, err := newJetStream(nc, opts)
	if err != nil {
		nc.Close()
		return nil, fmt.Errorf("connect to NATS at %s: %w", c.url, err)
	}
	c.nc, c.js = nc, js
	return c, nil
}

func newJetStream(nc *natsgo.Conn, opts Options) (jetstream.JetStream, error) {
	timeout := jetstream.WithDefaultTimeout(opts.Timeout)
	if opts.Domain != "" {
		return jetstream.NewWithDomain(nc, opts.Domain, timeout)
	}
	return jetstream.New(nc, timeout)
}

func (c *Client) connOptions() []natsgo.Option {
	o := []natsgo.Option{
		natsgo.Name(c.opts.Name),
		natsgo.RetryOnFailedConnect(true),
		natsgo.MaxReconnects(-1),
		natsgo.CustomReconnectDelay(c.pause),
		// Without it, two equal authentication errors end the connection for ever.
		natsgo.IgnoreAuthErrorAbort(),
		// Nothing is sent later behind the back of a caller who was told that it failed.
		natsgo.ReconnectBufSize(-1),
		natsgo.PingInterval(pingInterval),
		natsgo.MaxPingsOutstanding(2),
		natsgo.ConnectHandler(c.onConnect),
		natsgo.ReconnectHandler(c.onConnect),
		natsgo.DisconnectErrHandler(c.onDisconnect),
		natsgo.ReconnectErrHandler(func(_ *natsgo.Conn, err error) { c.trouble("connecting to NATS fails", err) }),
		natsgo.ErrorHandler(c.onError),
		natsgo.ClosedHandler(c.onClosed),
		natsgo.LameDuckModeHandler(func(*natsgo.Conn) { c.opts.Log.Info("the NATS server is going down, another is looked for") }),
	}
	o = append(o, c.loginOptions()...)
	o = append(o, c.opts.TLS.options()...)
	if c.opts.InboxPrefix != "" {
		o = append(o, natsgo.CustomInboxPrefix(c.opts.InboxPrefix))
	}
	if c.opts.InProcess != nil {
		return append(o, natsgo.InProcessServer(c.dialer))
	}
	return append(o, natsgo.SetCustomDialer(c.dialer))
}

// onConnect runs for the first connection and for each later one. The server
// may be another one: the stream is verified anew.
func (c *Client) onConnect(*natsgo.Conn) {
	c.ready.Store(false)
	c.denied.Store(nil)
	c.well()
	c.online.Store(true)
	c.opts.Log.Info("connected to NATS", "url", c.url)
	select {
	case c.up <- struct{}{}:
	default:
	}
}

// pause is how long to wait for the next round of connecting. A handshake that
// fails, as with a wrong certificate, is told here alone.
func (c *Client) pause(int) time.Duration {
	if nc := c.conn.Load(); nc != nil {
		if err := nc.LastError(); err != nil {
			c.trouble("connecting to NATS fails", err)
		}
	}
	return c.opts.ReconnectWait + rand.N(c.opts.ReconnectWait/5+1)
}

func (c *Client) onDisconnect(_ *natsgo.Conn, err error) {
	c.online.Store(false)
	c.ready.Store(false)
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	if closed {
		return
	}
	if err == nil {
		err = errors.New("the server closed the connection")
	}
	c.trouble("disconnected from NATS", err)
}

// onError is told what the server refuses, too: that comes beside the answer,
// which then never comes.
func (c *Client) onError(_ *natsgo.Conn, _ *natsgo.Subscription, err error) {
	if errors.Is(err, natsgo.ErrPermissionViolation) {
		text := err.Error()
		c.denied.Store(&text)
	}
	c.trouble("NATS reports an error", err)
}

// denial is what the server refused lately, as an addition to an error.
func (c *Client) denial() string {
	if text := c.denied.Load(); text != nil {
		return " (the server says: " + strings.TrimPrefix(*text, "nats: ") + ")"
	}
	return ""
}

func (c *Client) onClosed(*natsgo.Conn) {
	c.mu.Lock()
	closed, err := c.closed, c.lastErr
	c.mu.Unlock()
	if !closed {
		c.opts.Log.Error("the connection to NATS was given up", "url", c.url, "err", err)
	}
}

// trouble logs and remembers an error.
func (c *Client) trouble(what string, err error) {
	c.mu.Lock()
	c.lastErr = err
	c.mu.Unlock()
	c.log.warn(what, "url", c.url, "err", err)
}

// well forgets the latest trouble: a connection is there, or a request was answered.
func (c *Client) well() {
	c.mu.Lock()
	c.lastErr = nil
	c.mu.Unlock()
}

// failed remembers the error of a request, and returns it. The way out may be
// another server.
func (c *Client) failed(err error) error {
	c.mu.Lock()
	c.lastErr = err
	c.mu.Unlock()
	c.goElsewhere(err)
	return err
}

// Reconnected receives whenever the connection has come up, the first time
// included. Several at once are one.
func (c *Client) Reconnected() <-chan struct{} { return c.up }

// Duplicates counts the published events that the stream had already.
func (c *Client) Duplicates() uint64 { return c.dups.Load() }

// Acknowledged is the number that the stream gave to the event that it stored
// last, 0 before the first. It goes backwards when the stream does.
func (c *Client) Acknowledged() uint64 { return c.acked.Load() }

// Status tells how things stand.
func (c *Client) Status() Status {
	connected := c.online.Load()
	c.mu.Lock()
	defer c.mu.Unlock()
	return Status{Connected: connected, Stream: connected && c.ready.Load(), Acks: c.acks.load(), LastError: c.lastErr}
}

// WaitConnected returns when there is a connection, or with the reason why
// there was none until ctx ended.
func (c *Client) WaitConnected(ctx context.Context) error {
	changed := c.nc.StatusChanged(natsgo.CONNECTED)
	defer c.nc.RemoveStatusListener(changed)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !c.online.Load() {
		next := tick.C
		if !c.nc.IsConnected() {
			next = nil
		}
		select {
		case <-changed:
		case <-next: // The callback that tells of it is on its way.
		case <-ctx.Done():
			return c.notConnected(context.Cause(ctx))
		}
	}
	return nil
}

// notConnected says why there is no connection.
func (c *Client) notConnected(otherwise error) error {
	why := c.Status().LastError
	if why == nil {
		why = c.nc.LastError()
	}
	if why == nil {
		why = otherwise
	}
	if why == nil {
		return fmt.Errorf("%w at %s", ErrNotConnected, c.url)
	}
	return fmt.Errorf("%w at %s: %s", ErrNotConnected, c.url, strings.TrimPrefix(why.Error(), "nats: "))
}

// Close ends the connection. What was not acknowledged was not published.
func (c *Client) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.StopConnecting()
	c.nc.Close()
}
