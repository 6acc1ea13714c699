package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"github.com/undog-dev/undog/notify"
)

// Service is what answers requests on a subject.
type Service struct {
	// Subject may hold wildcards.
	Subject string
	// Queue is how many requests may wait; one more is refused as notify.Busy.
	// Default 64.
	Queue int
	// Within is how long a request may take from its arrival; default 5 s.
	Within time.Duration
	// Active tells whether this undog is the one that answers; another stays
	// silent. It is asked when a request arrives and again before it is
	// handled. nil means always.
	Active func() bool
	// Handle answers one request at a time, in the order of their arrival, and
	// must heed its context. nil is no answer.
	Handle func(ctx context.Context, subject string, data []byte) []byte
	// Refuse is the answer to a request that is not handled, by its reason:
	// notify.Busy or notify.Stopping. It may be called at the same time as Handle.
	Refuse func(reason string) []byte
}

const (
	// maxPending and maxPendingBytes bound what the client library holds of
	// requests that have arrived and were not yet looked at. They are looked
	// at faster than they arrive; what is beyond is dropped without an answer.
	maxPending      = 16 << 10
	maxPendingBytes = 32 << 20
)

// waiting is a request in the queue.
type waiting struct {
	msg   *natsgo.Msg
	until time.Time
}

// Serve answers requests until ctx ends; those that wait then are refused. The
// subscription outlives the connection: it is made anew with every one.
func (c *Client) Serve(ctx context.Context, s Service) error {
	setDefault(&s.Queue, 64)
	setDefault(&s.Within, c.opts.Timeout)
	if s.Active == nil {
		s.Active = func() bool { return true }
	}
	queue := make(chan waiting, s.Queue)
	sub, err := c.nc.Subscribe(s.Subject, func(m *natsgo.Msg) { c.arrived(ctx, &s, queue, m) })
	if err != nil {
		return fmt.Errorf("serve %s: %w", s.Subject, err)
	}
	done := make(chan struct{})
	sub.SetClosedHandler(func(string) { close(done) })
	defer func() { c.refuseRest(ctx, &s, queue, sub, done) }()
	if err := sub.SetPendingLimits(maxPending, maxPendingBytes); err != nil {
		return fmt.Errorf("serve %s: %w", s.Subject, err)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-done:
			return fmt.Errorf("serve %s: the connection was given up", s.Subject)
		case w := <-queue:
			c.handle(ctx, &s, w)
		}
	}
}

// arrived queues a request. It runs in the goroutine of the subscription and
// must not wait.
func (c *Client) arrived(ctx context.Context, s *Service, queue chan<- waiting, m *natsgo.Msg) {
	if !s.Active() {
		return
	}
	if ctx.Err() != nil {
		c.respond(m, s.Refuse(notify.Stopping))
		return
	}
	select {
	case queue <- waiting{m, time.Now().Add(s.Within)}:
	default:
		c.respond(m, s.Refuse(notify.Busy))
	}
}

func (c *Client) handle(ctx context.Context, s *Service, w waiting) {
	if !s.Active() {
		return
	}
	switch {
	case ctx.Err() != nil:
		c.respond(w.msg, s.Refuse(notify.Stopping))
		return
	case !time.Now().Before(w.until):
		c.respond(w.msg, s.Refuse(notify.Busy))
		return
	}
	ctx, cancel := context.WithDeadline(ctx, w.until)
	defer cancel()
	c.respond(w.msg, s.Handle(ctx, w.msg.Subject, w.msg.Data))
}

// respond sends an answer. Who does not say where to gets none, which is told
// in the log alone.
func (c *Client) respond(m *natsgo.Msg, answer []byte) {
	if answer == nil {
		return
	}
	if m.Reply == "" {
		c.log.warn("a request asks for no answer", "subject", m.Subject, "answer", string(answer))
		return
	}
	if err := m.Respond(answer); err != nil {
		c.log.warn("a request cannot be answered", "subject", m.Subject, "err", err)
	}
}

// endWithin bounds how long the end of a service may take.
const endWithin = time.Second

// refuseRest ends the subscription and refuses what still waits.
func (c *Client) refuseRest(ctx context.Context, s *Service, queue <-chan waiting, sub *natsgo.Subscription, done <-chan struct{}) {
	// What has arrived is still looked at, and refused there.
	if err := sub.Drain(); err != nil {
		// Without a connection there is nothing to drain, and nobody to answer.
		if err := sub.Unsubscribe(); err != nil && !errors.Is(err, natsgo.ErrConnectionClosed) && !errors.Is(err, natsgo.ErrBadSubscription) {
			c.log.warn("a subscription cannot be ended", "subject", s.Subject, "err", err)
		}
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	refuse := func(w waiting) {
		if s.Active() {
			c.respond(w.msg, s.Refuse(notify.Stopping))
		}
	}
	for {
		select {
		case w := <-queue:
			refuse(w)
		case <-done:
			for len(queue) > 0 {
				refuse(<-queue)
			}
			// The answers are on their way then, or there is nobody to get them.
			_ = c.nc.FlushWithContext(ending)
			return
		case <-ending.Done():
			return
		}
	}
}
