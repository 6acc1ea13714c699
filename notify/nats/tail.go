package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
)

// TailOptions says which events to read. At most one of Since, StartSeq and
// New is set; without one, all events that the stream has are read.
type TailOptions struct {
	// Since begins with the first event stored at that time or later.
	Since time.Time
	// StartSeq begins with that sequence number of the stream.
	StartSeq uint64
	// New begins with what is stored from now on.
	New bool
	// Cluster, Namespace and Workload select; "" selects all.
	Cluster, Namespace, Workload string
	// Follow waits for further events until ctx ends.
	Follow bool
}

// Received is an event as the stream has it.
type Received struct {
	notify.Event
	// Raw is the event's JSON, with fields that this version does not know.
	Raw []byte
	// Subject is the NATS subject it was published to.
	Subject string
	// Sequence and Stored are its place in the stream and when it got there.
	Sequence uint64
	Stored   time.Time
}

// Tail calls f with each event in the order of the stream. It ends without an
// error at the end of the stream or, when it follows, when ctx ends; and with
// f's error when f fails. Messages that are no events are logged and left out.
func (c *Client) Tail(ctx context.Context, opts TailOptions, f func(Received) error) error {
	cfg, err := opts.consumer()
	if err != nil {
		return err
	}
	if !c.online.Load() {
		return c.notConnected(nil)
	}
	err = c.scan(ctx, cfg, opts.Follow, func(m jetstream.Msg) error {
		r, err := received(m)
		if err != nil {
			c.log.warn("the stream holds a message that is no event", "subject", m.Subject(), "err", err)
			return nil
		}
		return f(r)
	})
	switch {
	case err == nil, opts.Follow && ctx.Err() != nil:
		return nil
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return fmt.Errorf("tail stream %s at %s: it does not exist: undog run creates it: %w", StreamName, c.url, err)
	}
	return fmt.Errorf("tail stream %s at %s: %w", StreamName, c.url, err)
}

func (o TailOptions) consumer() (jetstream.OrderedConsumerConfig, error) {
	filter, err := notify.Filter(notify.Address{Cluster: o.Cluster, Namespace: o.Namespace, Name: o.Workload})
	if err != nil {
		return jetstream.OrderedConsumerConfig{}, err
	}
	cfg := jetstream.OrderedConsumerConfig{FilterSubjects: []string{filter}, DeliverPolicy: jetstream.DeliverAllPolicy}
	starts := 0
	if !o.Since.IsZero() {
		starts++
		cfg.DeliverPolicy, cfg.OptStartTime = jetstream.DeliverByStartTimePolicy, &o.Since
	}
	if o.StartSeq > 0 {
		starts++
		cfg.DeliverPolicy, cfg.OptStartSeq = jetstream.DeliverByStartSequencePolicy, o.StartSeq
	}
	if o.New {
		starts++
		cfg.DeliverPolicy = jetstream.DeliverNewPolicy
	}
	if starts > 1 {
		return cfg, errors.New("tail: Since, StartSeq and New exclude each other: set one")
	}
	return cfg, nil
}

func received(m jetstream.Msg) (Received, error) {
	meta, err := m.Metadata()
	if err != nil {
		return Received{}, err
	}
	e, err := notify.Decode(m.Data())
	if err != nil {
		return Received{}, err
	}
	return Received{Event: e, Raw: m.Data(), Subject: m.Subject(), Sequence: meta.Sequence.Stream, Stored: meta.Timestamp}, nil
}
