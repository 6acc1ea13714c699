package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
)

// Known reads which ids the stream has got since a moment, and returns a test
// for them. What the stream is known to have evicted since by a limit of its
// own is among them. It reads headers only and keeps no id as text, so that it
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
	read := map[uint64]place{}
	err = c.scan(ctx, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{filter},
		DeliverPolicy:  jetstream.DeliverByStartTimePolicy,
		OptStartTime:   &since,
		HeadersOnly:    true,
	}, false, func(m jetstream.Msg) error {
		if id := m.Headers().Get(jetstream.MsgIDHeader); id != "" {
			meta, err := m.Metadata()
			if err != nil {
				return err
			}
			read[c.places.hash(original(id))] = place{seq: meta.Sequence.Stream, at: meta.Timestamp}
		}
		return nil
	})
	var known func(string) bool
	if err == nil {
		known, err = c.present(ctx, read)
	}
	if err != nil {
		if isStreamGone(err) {
			c.ready.Store(false)
		}
		return nil, c.failed(fmt.Errorf("read ids of stream %s: %w", StreamName, err))
	}
	c.well()
	c.elsewhere.answered(false)
	return known, nil
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
	next := func() (jetstream.Msg, error) { return it.Next(jetstream.NextContext(ctx)) }
	if follow {
		last = 0
	} else {
		next = func() (jetstream.Msg, error) { return c.nextUpTo(ctx, it, s, last) }
	}
	return drain(ctx, next, last, f)
}

// nextUpTo returns the next message, or errNoMore once the stream has none left
// up to the one numbered last: it may have let go of it meanwhile.
func (c *Client) nextUpTo(ctx context.Context, it jetstream.MessagesContext, s jetstream.Stream, last uint64) (jetstream.Msg, error) {
	for {
		waiting, cancel := context.WithTimeout(ctx, quietFor)
		m, err := it.Next(jetstream.NextContext(waiting))
		quiet := errors.Is(waiting.Err(), context.DeadlineExceeded) && ctx.Err() == nil
		cancel()
		if err == nil || !quiet {
			return m, err
		}
		asking, cancel := context.WithTimeout(ctx, c.opts.Timeout)
		info, err := s.Info(asking)
		cancel()
		if err == nil && info.State.FirstSeq > last {
			return nil, errNoMore
		}
	}
}

// quietFor is how long nothing may be heard before it is asked what is left.
const quietFor = time.Second

var errNoMore = errors.New("no more messages")

// drain calls f for each message, up to the one with the sequence number last
// unless that is 0.
func drain(ctx context.Context, next func() (jetstream.Msg, error), last uint64, f func(jetstream.Msg) error) error {
	for {
		m, err := next()
		switch {
		case errors.Is(err, errNoMore):
			return nil
		case err != nil:
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
