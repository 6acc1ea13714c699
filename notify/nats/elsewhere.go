package nats

import (
	"context"
	"errors"
	"sync"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// unansweredLimit is after how many requests in a row without an answer
	// another server is tried.
	unansweredLimit = 2
	// minStay and maxStay bound how long a server is stayed with, once one was
	// left in vain. It doubles in between: all of them may be slow.
	minStay = 5 * time.Second
	maxStay = 5 * time.Minute
	// codeUnavailable is the error of a server that cannot reach enough others of its cluster.
	codeUnavailable = 10008
	// codeInProcess is the error of one that took the event before and still has
	// not got the others of its cluster to store it.
	codeInProcess = 10158
)

// elsewhere leaves a server that is connected and of no use: one that is cut
// off from its cluster answers pings, and has no stream.
type elsewhere struct {
	mu       sync.Mutex
	failures int
	stay     time.Duration
	next     time.Time
}

// answered notes that a request was answered, and stored that an event was stored.
func (e *elsewhere) answered(stored bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failures = 0
	if stored {
		e.stay, e.next = 0, time.Time{}
	}
}

// leave notes a request without an answer, and tells whether to go elsewhere.
func (e *elsewhere) leave(now time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failures++
	if e.failures < unansweredLimit || now.Before(e.next) {
		return false
	}
	e.stay = min(max(2*e.stay, minStay), maxStay)
	e.failures, e.next = 0, now.Add(e.stay)
	return true
}

// goElsewhere connects to another server, if there is one, after requests that
// got no answer here. What a server refuses is refused everywhere.
func (c *Client) goElsewhere(err error) {
	if !unanswered(err) || c.denied.Load() != nil || !c.online.Load() || len(c.nc.Servers()) < 2 {
		return
	}
	if !c.elsewhere.leave(time.Now()) {
		return
	}
	c.opts.Log.Warn("JetStream does not answer at this NATS server, another one is tried", "url", c.nc.ConnectedUrlRedacted(), "err", err)
	if err := c.nc.ForceReconnect(); err != nil {
		c.log.warn("another NATS server cannot be tried", "err", err)
	}
}

// unanswered tells whether an error may be one of the server that was asked,
// rather than of the stream.
func unanswered(err error) bool {
	var api *jetstream.APIError
	if errors.As(err, &api) && (api.ErrorCode == codeUnavailable || api.ErrorCode == codeInProcess) {
		return true
	}
	for _, one := range []error{context.DeadlineExceeded, natsgo.ErrNoResponders, jetstream.ErrNoStreamResponse, jetstream.ErrJetStreamNotEnabled} {
		if errors.Is(err, one) {
			return true
		}
	}
	return false
}
