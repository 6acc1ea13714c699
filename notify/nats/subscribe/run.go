package subscribe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// requestWithin bounds each request to the server.
	requestWithin = 5 * time.Second
	// beat is how often the server shows that a request for events is still open.
	beat = 2 * time.Second
	// forgetAfter is when the server forgets a consumer without a name.
	forgetAfter = 5 * time.Minute
)

// Run receives events until ctx ends, and returns nil then. A server that is
// down, and a stream or a consumer that is gone, are waited for; what can never
// work is an error.
func Run(ctx context.Context, opts Options) error {
	if err := opts.complete(); err != nil {
		return err
	}
	var js jetstream.JetStream
	var err error
	if opts.Domain != "" {
		js, err = jetstream.NewWithDomain(opts.Conn, opts.Domain)
	} else {
		js, err = jetstream.New(opts.Conn)
	}
	if err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	if opts.New {
		opts.Since = time.Now()
	}
	r := &runner{opts: opts, js: js, handle: Once(opts.Seen, opts.Handle)}
	for fails := uint64(0); ; {
		before := r.received
		err := r.session(ctx)
		if r.received > before {
			fails = 0
		}
		var never *configError
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &never):
			return fmt.Errorf("subscribe to stream %s: %w", opts.Stream, err)
		}
		fails++
		wait := opts.pause(nil, fails)
		opts.Log.Warn("events cannot be received, trying again", "stream", opts.Stream, "err", err, "wait", wait)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// configError is one that trying again cannot mend.
type configError struct{ err error }

func (e *configError) Error() string { return e.err.Error() }
func (e *configError) Unwrap() error { return e.err }

// runner belongs to one Run.
type runner struct {
	opts   Options
	js     jetstream.JetStream
	handle Handler
	// received counts events, and last is when the last of them was stored.
	received uint64
	last     time.Time
	// high is the highest number that the stream is known to have given.
	high atomic.Uint64
}

// session receives until something fails. What is being handled then is ended.
func (r *runner) session(running context.Context) error {
	cons, err := r.consumer(running)
	if err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(running)
	var watching sync.WaitGroup
	watching.Go(func() { r.watch(ctx, end) })
	defer watching.Wait()
	defer end(nil)
	it, err := cons.Messages(jetstream.PullMaxMessages(1), jetstream.PullHeartbeat(beat), jetstream.WithMessagesErrOnMissingHeartbeat(true))
	if err != nil {
		return fmt.Errorf("start to read: %w", err)
	}
	defer it.Stop()
	// The iterator may be busy reconnecting, where ctx does not reach it.
	defer context.AfterFunc(ctx, it.Stop)()
	for {
		m, err := it.Next(jetstream.NextContext(ctx))
		if err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return fmt.Errorf("read: %w", err)
		}
		if err := r.take(running, m); err != nil {
			return err
		}
	}
}

// consumer is the one of this name, made where there is none. One that exists
// goes on where it was; what it receives is brought up to date.
func (r *runner) consumer(ctx context.Context) (jetstream.Consumer, error) {
	cons, err := r.found(ctx)
	if err != nil {
		return nil, err
	}
	return r.current(ctx, cons)
}

// found is the consumer as the server has it.
func (r *runner) found(ctx context.Context) (jetstream.Consumer, error) {
	ctx, cancel := context.WithTimeout(ctx, requestWithin)
	defer cancel()
	cfg, err := r.config()
	if err != nil {
		return nil, &configError{err}
	}
	if r.opts.Durable == "" {
		return r.made(r.js.CreateConsumer(ctx, r.opts.Stream, cfg))
	}
	there, err := r.js.Consumer(ctx, r.opts.Stream, r.opts.Durable)
	switch {
	case errors.Is(err, jetstream.ErrConsumerNotFound):
		return r.made(r.js.CreateConsumer(ctx, r.opts.Stream, cfg))
	case err != nil:
		return nil, fmt.Errorf("look up consumer %s: %w", r.opts.Durable, err)
	}
	old := there.CachedInfo().Config
	cfg.DeliverPolicy, cfg.OptStartTime, cfg.OptStartSeq = old.DeliverPolicy, old.OptStartTime, old.OptStartSeq
	if old.AckPolicy == cfg.AckPolicy && old.AckWait == cfg.AckWait && old.MaxAckPending == cfg.MaxAckPending && r.same(old, cfg) {
		return there, nil
	}
	return r.made(r.js.UpdateConsumer(ctx, r.opts.Stream, cfg))
}

func (r *runner) same(a, b jetstream.ConsumerConfig) bool {
	subjects := func(c jetstream.ConsumerConfig) []string {
		all := slices.Clone(c.FilterSubjects)
		if c.FilterSubject != "" {
			all = append(all, c.FilterSubject)
		}
		slices.Sort(all)
		return all
	}
	return slices.Equal(subjects(a), subjects(b))
}

// made tells what can never work from what may come right.
func (r *runner) made(c jetstream.Consumer, err error) (jetstream.Consumer, error) {
	var api *jetstream.APIError
	switch {
	case err == nil:
		return c, nil
	case errors.As(err, &api) && (api.Code == 400 || api.Code == 500) && !errors.Is(err, jetstream.ErrStreamNotFound):
		return nil, &configError{fmt.Errorf("make consumer %q: %w: choose another Durable, or remove that one from the server", r.opts.Durable, err)}
	}
	return nil, fmt.Errorf("make consumer %q: %w", r.opts.Durable, err)
}

// config is the consumer as it is made. One event is under way at a time, or a
// failed one would be overtaken.
func (r *runner) config() (jetstream.ConsumerConfig, error) {
	filters, err := r.opts.filters()
	cfg := jetstream.ConsumerConfig{
		Durable: r.opts.Durable, FilterSubjects: filters, DeliverPolicy: jetstream.DeliverAllPolicy,
		AckPolicy: jetstream.AckExplicitPolicy, AckWait: r.opts.AckWait, MaxDeliver: -1, MaxAckPending: 1,
	}
	if r.opts.Durable == "" {
		cfg.InactiveThreshold = forgetAfter
	}
	since := r.opts.Since
	if r.last.After(since) {
		// The consumer that got so far is gone.
		since = r.last
	}
	if !since.IsZero() {
		cfg.DeliverPolicy, cfg.OptStartTime = jetstream.DeliverByStartTimePolicy, &since
	}
	return cfg, err
}
