package nats

import (
	"context"
	"fmt"
	"hash/maphash"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
)

// Known reads which ids the stream has got since a moment, and returns a test
// for them. It reads headers only and keeps eight bytes of each id, so that it
// reaches further back than the window in which the stream itself recognises
// ids, which its memory bounds.
func (c *Client) Known(ctx context.Context, since time.Time) (func(id string) bool, error) {
	if !c.ready.Load() {
		if err := c.Ensure(ctx); err != nil {
			return nil, err
		}
	}
	filter, err := notify.Filter(notify.Address{Cluster: c.opts.Cluster})
	if err != nil {
		return nil, err
	}
	seed := maphash.MakeSeed()
	ids := map[uint64]struct{}{}
	err = c.scan(ctx, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{filter},
		DeliverPolicy:  jetstream.DeliverByStartTimePolicy,
		OptStartTime:   &since,
		HeadersOnly:    true,
	}, false, func(m jetstream.Msg) error {
		if id := m.Headers().Get(jetstream.MsgIDHeader); id != "" {
			ids[maphash.String(seed, original(id))] = struct{}{}
		}
		return nil
	})
	if err != nil {
		if isStreamGone(err) {
			c.ready.Store(false)
		}
		return nil, c.failed(fmt.Errorf("read ids of stream %s: %w", StreamName, err))
	}
	c.well()
	return func(id string) bool {
		_, ok := ids[maphash.String(seed, id)]
		return ok
	}, nil
}

// scan calls f for each message in order until f fails or, unless it is to
// follow, the end that the stream had at the start is reached.
func (c *Client) scan(ctx context.Context, cfg jetstream.OrderedConsumerConfig, follow bool, f func(jetstream.Msg) error) error {
	request, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	s, err := c.js.Stream(request, StreamName)
	if err != nil {
		return fmt.Errorf("look up: %w", err)
	}
	last := s.CachedInfo().State.LastSeq
	cons, err := s.OrderedConsumer(request, cfg)
	if err != nil {
		return fmt.Errorf("create consumer: %w", err)
	}
	if !follow && cons.CachedInfo().NumPending == 0 {
		return nil
	}
	it, err := cons.Messages()
	if err != nil {
		return fmt.Errorf("start to read: %w", err)
	}
	// The iterator may be busy reconnecting, where ctx does not reach it.
	defer context.AfterFunc(ctx, it.Stop)()
	defer it.Stop()
	if follow {
		last = 0
	}
	return drain(ctx, it, last, f)
}

// drain calls f for each message, up to the one with the sequence number last
// unless that is 0.
func drain(ctx context.Context, it jetstream.MessagesContext, last uint64, f func(jetstream.Msg) error) error {
	for {
		m, err := it.Next(jetstream.NextContext(ctx))
		if err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return fmt.Errorf("read: %w", err)
		}
		meta, err := m.Metadata()
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		// What was stored after the start may come before the end is seen.
		if last > 0 && meta.Sequence.Stream > last {
			return nil
		}
		if err := f(m); err != nil {
			return err
		}
		if last > 0 && (meta.NumPending == 0 || meta.Sequence.Stream >= last) {
			return nil
		}
	}
}
