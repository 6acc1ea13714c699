package nats

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
)

// Holding asks what the stream holds; one that is gone is made anew. One that
// was changed so that it can lose events is an error, a *StreamError.
func (c *Client) Holding(ctx context.Context) (notify.Holding, error) {
	for attempt := 0; ; attempt++ {
		if !c.ready.Load() {
			if err := c.Ensure(ctx); err != nil {
				return notify.Holding{}, err
			}
		}
		h, err := c.holding(ctx)
		if err == nil {
			c.well()
			c.elsewhere.answered(false)
			return h, nil
		}
		if isStreamGone(err) {
			c.ready.Store(false)
			if attempt == 0 {
				continue
			}
		}
		if _, unfit := errors.AsType[*StreamError](err); unfit {
			// Nothing may be published to it: it may drop what it acknowledges.
			c.ready.Store(false)
			c.trouble("the stream is not what it was", err)
		}
		return notify.Holding{}, c.failed(fmt.Errorf("look at stream %s: %w", StreamName, err))
	}
}

func (c *Client) holding(ctx context.Context) (notify.Holding, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	s, err := c.js.Stream(ctx, StreamName)
	if err != nil {
		return notify.Holding{}, err
	}
	info := s.CachedInfo()
	if c.opts.Manage != ManageNone {
		if err := c.opts.verify(info.Config); err != nil {
			return notify.Holding{}, err
		}
	}
	return notify.Holding{Created: info.Created, Events: info.State.Msgs, Last: info.State.LastSeq, Oldest: info.State.FirstTime, Evicts: evicts(&info.Config)}, nil
}

// lost tells whether the stream no longer has a message, though it takes a new
// one for a repetition of it: the server remembers ids for a while, also those
// of messages that were purged or deleted. Whoever may not look takes it to be there.
func (c *Client) lost(ctx context.Context, seq uint64) bool {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	s, err := c.js.Stream(ctx, StreamName)
	if err != nil {
		return false
	}
	state := s.CachedInfo().State
	if seq < state.FirstSeq || state.NumDeleted == 0 {
		return seq < state.FirstSeq
	}
	_, err = s.GetMsg(ctx, seq)
	return errors.Is(err, jetstream.ErrMsgNotFound)
}

// again separates an event's id from what is added to it when it is published
// once more, past the server's memory of the lost message.
const again = "#"

// anew is the id under which the event is published that was lost at seq.
func anew(id string, seq uint64) string { return id + again + strconv.FormatUint(seq, 10) }

// original is the event's id in the id of a message.
func original(id string) string {
	id, _, _ = strings.Cut(id, again)
	return id
}
