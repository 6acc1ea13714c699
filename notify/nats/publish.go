package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
)

// The server's error codes that publishing reacts to.
const (
	codeTooLarge       = 10054
	codeHeaderTooLarge = 10097
	codeOtherStream    = 10060
)

// Publish stores the event in the stream and returns when the stream has
// acknowledged it, also when the stream had it already. It makes one try.
// After an error that is not permanent, the event may be stored or not:
// publish it again.
func (c *Client) Publish(ctx context.Context, e notify.Event) error {
	msg, err := message(e)
	if err != nil {
		return err
	}
	if !c.online.Load() {
		return fmt.Errorf("publish event %s: %w", e.ID, c.notConnected(nil))
	}
	for attempt := 0; ; attempt++ {
		if !c.ready.Load() {
			if err := c.Ensure(ctx); err != nil {
				return fmt.Errorf("publish event %s: %w", e.ID, err)
			}
		}
		at := time.Now()
		seq, err := c.publish(ctx, msg, e.ID)
		if err == nil {
			c.well()
			c.elsewhere.answered(true)
			if durable[e.Type] {
				c.places.stored(c.places.hash(e.ID), place{seq: seq, at: at}, len(msg.Data)+overhead)
			}
			return nil
		}
		if isStreamGone(err) {
			c.ready.Store(false)
			if attempt == 0 {
				continue
			}
		}
		return c.failed(fmt.Errorf("publish event %s: %w", e.ID, err))
	}
}

func message(e notify.Event) (*natsgo.Msg, error) {
	address, err := e.Address()
	if err != nil {
		return nil, notify.Permanent(fmt.Errorf("publish event %s: %w", e.ID, err))
	}
	subject, err := notify.Subject(address)
	if err != nil {
		return nil, notify.Permanent(fmt.Errorf("publish event %s: %w", e.ID, err))
	}
	data, err := notify.Encode(e)
	if err != nil {
		return nil, err
	}
	msg := natsgo.NewMsg(subject)
	msg.Data = data
	msg.Header.Set("Content-Type", notify.ContentType)
	return msg, nil
}

// maxAnew bounds how often one event is published anew after it was lost.
const maxAnew = 4

// publish stores the message, also when the stream lost the one of this id that
// it had: its acknowledgement of a repetition says nothing about that. It
// returns the message's number.
func (c *Client) publish(ctx context.Context, msg *natsgo.Msg, id string) (uint64, error) {
	as, seq := id, uint64(0)
	for range maxAnew {
		ack, err := c.send(ctx, msg, as)
		if err != nil {
			return 0, err
		}
		seq = ack.Sequence
		if !ack.Duplicate {
			c.acked.Store(seq)
			return seq, nil
		}
		if !c.lost(ctx, seq) {
			break
		}
		as = anew(id, seq)
	}
	c.dups.Add(1)
	return seq, nil
}

func (c *Client) send(ctx context.Context, msg *natsgo.Msg, id string) (*jetstream.PubAck, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	ack, err := c.js.PublishMsg(ctx, msg,
		jetstream.WithMsgID(id), jetstream.WithExpectStream(StreamName), jetstream.WithRetryAttempts(0))
	if err != nil {
		return nil, c.opts.unmanaged(c.classify(err))
	}
	// A stream of the leaf node may be faster to take the event than the one meant.
	if c.opts.Domain != "" && ack.Domain != c.opts.Domain {
		return nil, fmt.Errorf("stream %s of JetStream domain %q took the event, not that of nats.stream.domain %s: take the subjects %s out of it, or leave the domain out",
			ack.Stream, ack.Domain, c.opts.Domain, notify.AllSubjects)
	}
	return ack, nil
}

// unmanaged says what to do about a stream that is missing and not undog's business.
func (o *Options) unmanaged(err error) error {
	if o.Manage != ManageNone || !isStreamGone(err) {
		return err
	}
	return fmt.Errorf("no stream %s keeps %s, and undog does not look after it (nats.stream.manage is none): %s: %w", StreamName, notify.AllSubjects, createIt, err)
}

// classify marks the errors that publishing again cannot mend, and says what
// a timeout may mean.
func (c *Client) classify(err error) error {
	var api *jetstream.APIError
	switch {
	case errors.Is(err, natsgo.ErrMaxPayload):
		return notify.Permanent(fmt.Errorf("the server takes no message that large, raise its max_payload: %w", err))
	case errors.Is(err, natsgo.ErrBadSubject):
		return notify.Permanent(err)
	case errors.As(err, &api) && (api.ErrorCode == codeTooLarge || api.ErrorCode == codeHeaderTooLarge):
		return notify.Permanent(err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no acknowledgement in time (the server is slow or gone, or the user lacks permission to publish)%s: %w", c.denial(), err)
	}
	return err
}

// isStreamGone tells whether the stream has to be looked at again.
func isStreamGone(err error) bool {
	var api *jetstream.APIError
	if errors.As(err, &api) && (api.ErrorCode == codeOtherStream || api.ErrorCode == jetstream.JSErrCodeStreamNotFound) {
		return true
	}
	return errors.Is(err, jetstream.ErrNoStreamResponse) || errors.Is(err, jetstream.ErrStreamNotFound)
}
