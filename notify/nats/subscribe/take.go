package subscribe

import (
	"context"
	"errors"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
)

// take handles one message and answers the server.
func (r *runner) take(ctx context.Context, m jetstream.Msg) error {
	meta, err := m.Metadata()
	if err != nil {
		return fmt.Errorf("read message: %w", err)
	}
	r.received++
	r.last = meta.Timestamp
	r.passed(meta.Sequence.Stream)
	e, err := notify.Decode(m.Data())
	if err != nil {
		r.opts.Log.Warn("the stream holds a message that is no event", "subject", m.Subject(), "err", err)
		return r.told(m.TermWithReason("no event of undog"))
	}
	d := Delivery{
		Event: e, Raw: m.Data(), Subject: m.Subject(),
		Sequence: meta.Sequence.Stream, Stored: meta.Timestamp, Tries: meta.NumDelivered,
	}
	err = r.call(ctx, m, d)
	var unmarked *markError
	switch {
	case err == nil:
	case errors.As(err, &unmarked):
		r.opts.Log.Warn("an event was handled and may be handled again", "id", e.ID, "err", err)
	case ctx.Err() != nil:
		// Whoever comes next need not wait for it.
		return r.told(m.Nak())
	case notify.IsPermanent(err), r.opts.MaxTries > 0 && d.Tries >= r.opts.MaxTries:
		return r.giveUp(m, d, err)
	default:
		wait := r.opts.pause(err, d.Tries)
		r.opts.Log.Warn("an event could not be handled, it is tried again", "id", e.ID, "type", e.Type, "tries", d.Tries, "err", err, "wait", wait)
		return r.told(m.NakWithDelay(wait))
	}
	return r.told(r.acknowledge(ctx, m))
}

const (
	// maxUnanswered is how often nobody may be there to take an acknowledgement:
	// a server that starts is there a little before its streams are.
	maxUnanswered = 5
	ackPause      = 500 * time.Millisecond
)

// acknowledge says that an event was handled until the server has taken it, for
// as long as that spares a second delivery. Once Run is to end there is one try.
func (r *runner) acknowledge(ctx context.Context, m jetstream.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, max(r.opts.AckWait, requestWithin))
	defer cancel()
	for unanswered := 0; ; {
		try, done := context.WithTimeout(context.WithoutCancel(ctx), requestWithin)
		err := m.DoubleAck(try)
		done()
		if errors.Is(err, natsgo.ErrNoResponders) {
			unanswered++
		}
		if err == nil || unanswered >= maxUnanswered || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(ackPause):
		}
	}
}

// told is about an answer to the server. If it was lost, the event comes again,
// and is known by its id.
func (r *runner) told(err error) error {
	if err != nil {
		return fmt.Errorf("answer the server: %w", err)
	}
	return nil
}

func (r *runner) giveUp(m jetstream.Msg, d Delivery, err error) error {
	r.opts.Log.Error("an event is given up", "id", d.ID, "type", d.Type, "tries", d.Tries, "err", err)
	if r.opts.GaveUp != nil {
		r.opts.GaveUp(d, err)
	}
	return r.told(m.TermWithReason("given up"))
}

// call runs the handler within its deadline, and tells the server meanwhile
// that the event is being worked on.
func (r *runner) call(ctx context.Context, m jetstream.Msg, d Delivery) error {
	ctx, cancel := context.WithTimeout(ctx, r.opts.Deadline)
	working := make(chan struct{})
	go func() {
		defer close(working)
		ticker := time.NewTicker(max(r.opts.AckWait/3, time.Millisecond))
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if err := m.InProgress(); err != nil {
					return
				}
			}
		}
	}()
	err := r.handle(ctx, d)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("not handled within %s: %w", r.opts.Deadline, err)
	}
	cancel()
	<-working
	return err
}
