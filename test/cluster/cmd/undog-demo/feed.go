package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/undog-dev/undog/notify"
)

// feed is an ordinary NATS subscriber.
type feed struct {
	conn     *nats.Conn
	messages chan *nats.Msg
}

// listen subscribes to every event.
func listen(ctx context.Context, url string) (*feed, error) {
	conn, err := nats.Connect(url)
	if err != nil {
		return nil, fmt.Errorf("subscribe at %s: %w", url, err)
	}
	f := &feed{conn: conn, messages: make(chan *nats.Msg, 256)}
	if _, err := conn.ChanSubscribe("undog.v1.event.>", f.messages); err != nil {
		conn.Close()
		return nil, fmt.Errorf("subscribe at %s: %w", url, err)
	}
	if err := conn.FlushWithContext(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("subscribe at %s: %w", url, err)
	}
	return f, nil
}

// await reads until an event of the kind comes.
func (f *feed) await(ctx context.Context, kind string) (received, error) {
	for {
		select {
		case msg := <-f.messages:
			if !strings.HasSuffix(msg.Subject, "."+kind) {
				continue
			}
			event, err := notify.Decode(msg.Data)
			if err != nil {
				return received{}, fmt.Errorf("read event %s: %w", msg.Subject, err)
			}
			return received{event: event, subject: msg.Subject, header: msg.Header, raw: msg.Data}, nil
		case <-ctx.Done():
			return received{}, fmt.Errorf("wait for %s: %w", kind, ctx.Err())
		}
	}
}

func (f *feed) close() { f.conn.Close() }
