package events

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/notify/nats"
)

const (
	// lookEvery is how often the connection is looked at.
	lookEvery = 250 * time.Millisecond
	// retryEvery is how often reading is tried again after the connection was lost.
	retryEvery = time.Second
)

// errLost ends reading that does not follow.
var errLost = errors.New("the connection to the NATS server was lost before the end of the stream")

// read writes the events. The connection may be lost on the way: one who
// follows is told, and goes on where it was once there is one again; for
// anybody else what was read so far is not what was asked for.
func read(ctx context.Context, c *nats.Client, tail nats.TailOptions, out io.Writer, write func(nats.Received) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	link := &link{client: c, out: out}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		link.watch(ctx, func() {
			if !tail.Follow {
				stop(errLost)
			}
		})
	}()
	defer func() {
		stop(nil)
		<-watched
	}()

	var last nats.Received
	var failed error
	once := func(r nats.Received) error {
		if r.Sequence <= last.Sequence && !r.Stored.After(last.Stored) {
			return nil // Written before the connection was lost.
		}
		if failed = write(r); failed == nil {
			last = r
		}
		return failed
	}
	for told := ""; ; {
		err := c.Tail(ctx, tail, once)
		if err == nil || failed != nil || !tail.Follow || !link.broke() {
			return err
		}
		if link.client.Status().Connected && err.Error() != told {
			told = err.Error()
			link.say(told + ": trying again")
		}
		if !last.Stored.IsZero() {
			tail.Since = last.Stored
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(retryEvery):
		}
	}
}

// link tells how the connection stands.
type link struct {
	client *nats.Client

	mu   sync.Mutex
	out  io.Writer
	lost bool
}

// broke tells whether the connection is away, or ever was: what fails then may
// go well once the server has found itself.
func (l *link) broke() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost || !l.client.Status().Connected
}

// watch tells of every loss and return of the connection until ctx ends.
func (l *link) watch(ctx context.Context, onLoss func()) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	connected := true
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		s := l.client.Status()
		if s.Connected == connected {
			continue
		}
		if connected = s.Connected; connected {
			l.say("connected to the NATS server again: going on")
			continue
		}
		why := ""
		if s.LastError != nil {
			why = ": " + page.Clean(s.LastError.Error())
		}
		l.say("disconnected from the NATS server" + why)
		l.mu.Lock()
		l.lost = true
		l.mu.Unlock()
		onLoss()
	}
}

// say writes a line for people. There is nowhere left to report that it fails.
func (l *link) say(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = fmt.Fprintf(l.out, "undog: %s %s\n", time.Now().Format(time.TimeOnly), text)
}
