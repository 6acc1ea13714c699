package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/notify/nats"
	"github.com/undog-dev/undog/notify/nats/embedded"
	"github.com/undog-dev/undog/notify/outbox"
	"github.com/undog-dev/undog/policy"
)

// events is the way to NATS: the embedded server if there is one, the
// connection, and the outbox in front of it.
type events struct {
	server *embedded.Server
	client *nats.Client
	outbox *outbox.Outbox
	log    *slog.Logger
	ended  sync.WaitGroup
	stop   context.CancelFunc
}

// memory is where durable transitions are derived from.
type memory interface {
	Remembered(at time.Time) []*policy.Observation
}

// openEvents starts or finds the NATS server. A server that cannot be reached
// is no error: undog works without it, and tells later. A stream that is not
// what undog needs is one, if the server is there to be asked.
func openEvents(ctx context.Context, cfg *config.Config, mem memory, active func() bool, log *slog.Logger) (*events, error) {
	e := &events{log: log.With("component", "events")}
	opts := Connection(cfg.NATS)
	if cfg.NATS.URL == "" {
		server, err := embedded.Start(embedded.Options{Listen: cfg.NATS.Listen, StoreDir: cfg.NATS.StoreDir, Log: e.log})
		if err != nil {
			return nil, fmt.Errorf("start the embedded NATS server: %w", err)
		}
		e.server = server
		// It asks for no login, and writes every event to disk at once.
		opts = nats.Options{URL: server.ClientURL(), InProcess: server, SyncAlways: true}
		log.Info("embedded NATS server is up", "url", server.ClientURL(), "store", server.StoreDir())
	}
	opts.Cluster, opts.Name, opts.Log = cfg.Cluster, "undog "+cfg.Cluster, e.log
	var err error
	if e.client, err = nats.Connect(opts); err != nil {
		return nil, errors.Join(fmt.Errorf("connect to NATS: %w", err), e.close(ctx))
	}
	if err := e.ensure(ctx); err != nil {
		return nil, errors.Join(err, e.close(ctx))
	}
	e.outbox, err = outbox.New(outbox.Options{
		Publisher: e.client, Cluster: cfg.Cluster, Known: e.client.Known, Holding: e.client.Holding, Reconnected: e.client.Reconnected(), Log: e.log,
		Active: active, Told: toldSince(e.client, cfg.Cluster),
		Owed: func() []policy.Transition {
			var owed []policy.Transition
			for _, o := range mem.Remembered(time.Now()) {
				owed = append(owed, policy.Durable(cfg.Cluster, o)...)
			}
			return owed
		},
	})
	if err != nil {
		return nil, errors.Join(err, e.close(ctx))
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	e.stop = stop
	e.ended.Go(func() {
		if err := e.outbox.Run(running); err != nil && running.Err() == nil {
			e.log.Error("the outbox ended", "err", err)
		}
	})
	return e, nil
}

// connectTimeout is how long the start waits for NATS, to be able to say at
// once what is wrong with a stream.
const connectTimeout = 2 * time.Second

func (e *events) ensure(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if err := e.client.WaitConnected(waiting); err != nil {
		e.log.Warn("NATS cannot be reached; undog works without it and publishes later", "err", err)
		return nil
	}
	err := e.client.Ensure(ctx)
	if _, wrong := errors.AsType[*nats.StreamError](err); wrong {
		return err
	}
	if err != nil {
		e.log.Warn("the stream is not ready; undog works without it and publishes later", "err", err)
	}
	return nil
}

// status describes the connection for /readyz.
func (e *events) status() (string, bool) {
	s := e.client.Status()
	switch {
	case s.Connected && s.Stream:
		return "connected", true
	case s.LastError != nil:
		return s.LastError.Error(), false
	case s.Connected:
		return "connected, the stream is not ready", false
	}
	return "not connected", false
}

// awayGrace is for how long a server that is away when undog stops is waited
// for. What is durable is told by the next start all the same.
const awayGrace = 3 * time.Second

var errAway = errors.New("NATS is away")

// drain publishes what is left, until ctx ends or NATS has been away for too long.
func (e *events) drain(ctx context.Context) {
	ctx, giveUp := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { e.whileThere(ctx, giveUp) })
	if err := e.outbox.Drain(ctx); err != nil {
		e.log.Warn("stopped before every event was published; the next start publishes what is missing", "err", err)
	}
	giveUp(nil)
	watching.Wait()
	e.stop()
	// Nothing is asked of a server any more that cannot be reached by now.
	e.client.StopConnecting()
	e.ended.Wait()
}

// whileThere gives up when there has been no connection for awayGrace.
func (e *events) whileThere(ctx context.Context, giveUp context.CancelCauseFunc) {
	tick := time.NewTicker(awayGrace / 20)
	defer tick.Stop()
	for there := time.Now(); time.Since(there) < awayGrace; {
		if e.client.Status().Connected {
			there = time.Now()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
	giveUp(errAway)
}

// close ends the connection and the embedded server.
func (e *events) close(ctx context.Context) error {
	if e.client != nil {
		e.client.Close()
	}
	if e.server == nil {
		return nil
	}
	if err := e.server.Shutdown(ctx); err != nil {
		return fmt.Errorf("stop the embedded NATS server: %w", err)
	}
	return nil
}

// follow ends with an error when the embedded server gives up by itself.
func (e *events) follow(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case why := <-e.server.Failed():
		return fmt.Errorf("the embedded NATS server gave up: %s", why)
	}
}
