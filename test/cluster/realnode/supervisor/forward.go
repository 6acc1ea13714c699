package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

const (
	dialTimeout = 5 * time.Second
	acceptPause = 50 * time.Millisecond
)

// listen opens a listener in the node's network.
func listen(ctx context.Context, inside *network, address string) (net.Listener, error) {
	var listener net.Listener
	err := inside.do(func() (err error) {
		listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", address)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listen in the node on %s: %w", address, err)
	}
	return listener, nil
}

// forward connects each connection of the listener to the address, dialed in
// the machine's network, until ctx ends.
func forward(ctx context.Context, listener net.Listener, address string) {
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	var open sync.WaitGroup
	defer open.Wait()
	for {
		from, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			// Out of file descriptors, say: later there may be some.
			select {
			case <-ctx.Done():
			case <-time.After(acceptPause):
			}
			continue
		}
		open.Go(func() { join(ctx, from, address) })
	}
}

// join copies both ways until both ends are done or ctx is.
func join(ctx context.Context, from net.Conn, address string) {
	defer func() { _ = from.Close() }()
	to, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "tcp", address)
	if err != nil {
		// The client sees a closed connection, as of any server that is down.
		return
	}
	defer func() { _ = to.Close() }()
	stop := context.AfterFunc(ctx, func() { _, _ = from.Close(), to.Close() })
	defer stop()
	var both sync.WaitGroup
	both.Go(func() { pump(to, from) })
	both.Go(func() { pump(from, to) })
	both.Wait()
}

// pump copies one way and passes the end on. A connection that breaks ends
// both ways.
func pump(to, from net.Conn) {
	if _, err := io.Copy(to, from); err != nil {
		_, _ = to.Close(), from.Close()
		return
	}
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}
