package reach

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	constants "k8s.io/apimachinery/pkg/util/portforward"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/client-go/transport/websocket"
	"k8s.io/klog/v2"
	"k8s.io/streaming/pkg/httpstream"
	httpspdy "k8s.io/streaming/pkg/httpstream/spdy"
)

// forward opens a connection to the pod's port through the API server. Each has
// a session of its own: plays are short, and one that breaks takes no other along.
func (r *Reach) forward(ctx context.Context, pod *corev1.Pod, port int) (net.Conn, error) {
	at := r.rest.Post().Resource("pods").Namespace(pod.Namespace).Name(pod.Name).SubResource("portforward").URL()
	type opened struct {
		conn net.Conn
		err  error
	}
	done := make(chan opened, 1)
	go func() {
		conn, err := r.open(ctx, at, port)
		done <- opened{conn, err}
	}()
	select {
	case o := <-done:
		if o.err != nil {
			return nil, fmt.Errorf("forward port %d of pod %s: %w", port, pod.Name, o.err)
		}
		return o.conn, nil
	case <-ctx.Done():
		go func() { // It ends with the requests, which have the same context.
			if o := <-done; o.conn != nil {
				_ = o.conn.Close()
			}
		}()
		return nil, fmt.Errorf("forward port %d of pod %s: %w", port, pod.Name, ctx.Err())
	}
}

// open makes a session and the two streams of a connection within it.
func (r *Reach) open(ctx context.Context, at *url.URL, port int) (net.Conn, error) {
	session, err := negotiate(ctx, r.o.Config, at)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = session.Close() })
	defer stop()
	headers := http.Header{}
	headers.Set(corev1.StreamType, corev1.StreamTypeError)
	headers.Set(corev1.PortHeader, strconv.Itoa(port))
	headers.Set(corev1.PortForwardRequestIDHeader, "0")
	trouble, err := session.CreateStream(headers)
	if err != nil {
		return nil, errors.Join(err, session.Close())
	}
	_ = trouble.Close() // Nothing is written to it.
	headers.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := session.CreateStream(headers)
	if err != nil {
		return nil, errors.Join(err, session.Close())
	}
	return newTunnel(session, data, trouble), nil
}

// negotiate asks for a session over a WebSocket and, where a server or proxy is
// too old for that, over SPDY, as kubectl does.
func negotiate(ctx context.Context, config *rest.Config, at *url.URL) (httpstream.Connection, error) {
	session, err := overWebSocket(ctx, config, at)
	if httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err) {
		var second error
		if session, second = overSPDY(ctx, config, at); second != nil {
			return nil, errors.Join(err, second)
		}
		return session, nil
	}
	return session, err
}

// pingPeriod keeps a session from being taken for idle by what lies between.
const pingPeriod = 10 * time.Second

func overWebSocket(ctx context.Context, config *rest.Config, at *url.URL) (httpstream.Connection, error) {
	transport, holder, err := websocket.RoundTripperFor(config)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	conn, err := websocket.Negotiate(transport, holder, request, constants.WebsocketsSPDYTunnelingPrefix+portforward.PortForwardProtocolV1Name)
	if err != nil {
		return nil, err
	}
	return httpspdy.NewClientConnectionWithPings(portforward.NewTunnelingConnectionWithLogger(klog.Background(), conn), pingPeriod)
}

func overSPDY(ctx context.Context, config *rest.Config, at *url.URL) (httpstream.Connection, error) {
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	session, protocol, err := spdy.NegotiateStreaming(upgrader, &http.Client{Transport: transport}, request, portforward.PortForwardProtocolV1Name)
	if err != nil {
		return nil, err
	}
	if protocol != portforward.PortForwardProtocolV1Name {
		return nil, errors.Join(fmt.Errorf("the server speaks %q, not %s", protocol, portforward.PortForwardProtocolV1Name), session.Close())
	}
	return session, nil
}

// tunnel is one forwarded connection. A pipe stands before the stream, which
// knows no deadlines.
type tunnel struct {
	net.Conn
	inner   net.Conn
	session httpstream.Connection

	mu  sync.Mutex
	err error
}

func newTunnel(session httpstream.Connection, data, trouble io.ReadWriteCloser) *tunnel {
	outer, inner := net.Pipe()
	t := &tunnel{Conn: outer, inner: inner, session: session}
	// All three end with the session, which Close closes.
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		t.listen(trouble)
	}()
	go func() {
		_, _ = io.Copy(inner, data) // What went wrong, trouble says.
		select {
		case <-heard:
		case <-time.After(troubleWithin):
		}
		_ = inner.Close()
	}()
	go func() {
		_, _ = io.Copy(data, inner)
		_ = data.Close()
	}()
	return t
}

const (
	// maxTrouble is how much of the kubelet's error is read.
	maxTrouble = 1 << 10
	// troubleWithin is how long after the end of the data it may come.
	troubleWithin = time.Second
)

// listen waits for the kubelet to say that it cannot reach the port.
func (t *tunnel) listen(trouble io.Reader) {
	message, _ := io.ReadAll(io.LimitReader(trouble, maxTrouble)) // The end of the session ends it too.
	if len(message) == 0 {
		return
	}
	t.mu.Lock()
	t.err = errors.New("the node says: " + strings.TrimSpace(string(message)))
	t.mu.Unlock()
	_ = t.inner.Close()
}

// Read says why the connection broke, if the node did.
func (t *tunnel) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	return n, t.why(err)
}

// Write does too: what broke may be seen there first.
func (t *tunnel) Write(p []byte) (int, error) {
	n, err := t.Conn.Write(p)
	return n, t.why(err)
}

// why is what the node said, if it did, instead of err.
func (t *tunnel) why(err error) error {
	if err == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		return t.err
	}
	return err
}

// Close ends the session, and with it everything that belongs to it.
func (t *tunnel) Close() error {
	_ = t.inner.Close()
	return errors.Join(t.Conn.Close(), t.session.Close())
}
