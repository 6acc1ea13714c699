package subscribe

import (
	"context"
	"errors"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// lookEvery is how often the stream is looked at.
const lookEvery = 30 * time.Second

// errBehind ends a session.
var errBehind = errors.New("the stream lost what was received from it")

// current makes sure that the consumer is of the stream as it is. A stream that
// lost its last events, with a server that crashed or from a backup, gives their
// numbers to new ones, and a consumer that had got further waits for numbers
// that are to come, and passes over what is there. That one is made anew: it
// begins after the last event that this Run received, else where a new one
// does, and ids that were handled are dropped.
func (r *runner) current(ctx context.Context, there jetstream.Consumer) (jetstream.Consumer, error) {
	ctx, cancel := context.WithTimeout(ctx, requestWithin)
	defer cancel()
	got := max(r.high.Load(), there.CachedInfo().Delivered.Stream, there.CachedInfo().AckFloor.Stream)
	last, err := r.lastOfStream(ctx, got)
	if err != nil {
		// It may not be allowed to look. What is there is received all the same.
		r.opts.Log.Debug("cannot look at the stream", "stream", r.opts.Stream, "err", err)
		return there, nil
	}
	if got <= last {
		r.passed(last)
		return there, nil
	}
	r.opts.Log.Warn("the stream lost events that this consumer had passed: it is made anew", "stream", r.opts.Stream, "consumer", there.CachedInfo().Name, "at", got, "last", last)
	if err := r.js.DeleteConsumer(ctx, r.opts.Stream, there.CachedInfo().Name); err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return nil, fmt.Errorf("remove consumer %s: %w", there.CachedInfo().Name, err)
	}
	cfg, err := r.config()
	if err != nil {
		return nil, &configError{err}
	}
	made, err := r.made(r.js.CreateConsumer(ctx, r.opts.Stream, cfg))
	if err == nil {
		r.high.Store(last)
	}
	return made, err
}

// lastOfStream is the number of the last event that the stream got. One that is
// less than what it had got before is asked for again: of several servers, the
// one that has just taken over may still be learning.
func (r *runner) lastOfStream(ctx context.Context, before uint64) (uint64, error) {
	for tries := 1; ; tries++ {
		s, err := r.js.Stream(ctx, r.opts.Stream)
		if err != nil {
			return 0, fmt.Errorf("look at stream %s: %w", r.opts.Stream, err)
		}
		last := s.CachedInfo().State.LastSeq
		if last >= before || tries == sureAfter {
			return last, nil
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("look at stream %s: %w", r.opts.Stream, context.Cause(ctx))
		case <-time.After(ackPause):
		}
	}
}

// sureAfter is how often a stream has to say that it lost its last events.
const sureAfter = 4

// watch ends the session when the stream has lost what was received from it. It
// looks when the connection is made anew, and from time to time, until ctx ends.
func (r *runner) watch(ctx context.Context, end context.CancelCauseFunc) {
	up := r.opts.Conn.StatusChanged(natsgo.CONNECTED)
	defer r.opts.Conn.RemoveStatusListener(up)
	timer := time.NewTimer(lookEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-up:
		case <-timer.C:
		}
		asking, cancel := context.WithTimeout(ctx, requestWithin)
		before := r.high.Load()
		last, err := r.lastOfStream(asking, before)
		cancel()
		switch {
		case err != nil:
			timer.Reset(beat) // A server that starts is there a little before its streams are.
			continue
		case last < before:
			end(errBehind)
			return
		}
		r.passed(last)
		timer.Reset(lookEvery)
	}
}

// passed notes that the stream has got so far.
func (r *runner) passed(seq uint64) {
	for {
		high := r.high.Load()
		if seq <= high || r.high.CompareAndSwap(high, seq) {
			return
		}
	}
}
