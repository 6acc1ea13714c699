package nats

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
)

// StreamName is the stream that keeps the events.
const StreamName = "UNDOG"

const (
	// maxMsgSize leaves room for the headers beside the largest event.
	maxMsgSize = 128 << 10
	minMsgSize = notify.MaxSize + 1<<10
	// minMaxAge is longer than what the outbox compares: an event that the
	// stream dropped within that time would be published again for ever.
	minMaxAge = 8 * 24 * time.Hour
	// codeOverlap is the server's error for subjects that another stream has.
	codeOverlap = 10065
)

// StreamError says what is wrong with a stream that undog must not change.
type StreamError struct {
	// Stream is the name of the stream at fault.
	Stream string
	// Faults are sentences, each with what should be instead.
	Faults []string
	// Remedy is what to do.
	Remedy string
}

// Error names the stream, all faults and the remedy.
func (e *StreamError) Error() string {
	return fmt.Sprintf("stream %s cannot keep undog's events: %s. %s", e.Stream, strings.Join(e.Faults, "; "), e.Remedy)
}

// config is the stream as it is created. Only fields that old servers know
// are set: newer ones refuse what they do not know.
func (o *Options) config() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        StreamName,
		Description: "Events of undog, the rollout watchdog",
		Subjects:    []string{notify.AllSubjects},
		Retention:   jetstream.LimitsPolicy,
		Storage:     jetstream.FileStorage,
		Discard:     jetstream.DiscardOld,
		MaxAge:      o.MaxAge,
		MaxMsgSize:  maxMsgSize,
		MaxMsgs:     -1,
		MaxBytes:    -1,
		Duplicates:  o.Duplicates,
		Replicas:    o.Replicas,
		AllowDirect: true,
	}
}

// Ensure creates the stream, or verifies the one that exists, as far as
// Options.Manage lets it. A *StreamError says that the stream is not fit; it is
// never changed.
func (c *Client) Ensure(ctx context.Context) error {
	if !c.online.Load() {
		return c.notConnected(nil)
	}
	if c.opts.Manage == ManageNone {
		c.ready.Store(true)
		c.judgeAcks(nil)
		return nil
	}
	if err := c.ensure(ctx); err != nil {
		return c.failed(fmt.Errorf("ensure stream %s at %s: %w", StreamName, c.url, err))
	}
	c.ready.Store(true)
	c.well()
	return nil
}

func (c *Client) ensure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*c.opts.Timeout)
	defer cancel()
	s, err := c.js.Stream(ctx, StreamName)
	missing := errors.Is(err, jetstream.ErrStreamNotFound)
	switch {
	case missing && c.opts.Manage == ManageVerify:
		return fmt.Errorf("it does not exist, and undog may not create it (nats.stream.manage is verify): %s: %w", createIt, err)
	case missing:
		s, err = c.js.CreateStream(ctx, c.opts.config())
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			// Another undog was faster.
			s, err = c.js.Stream(ctx, StreamName)
		} else if err == nil {
			c.opts.Log.Info("stream created", "stream", StreamName)
		}
	}
	if err != nil {
		return c.explain(ctx, err)
	}
	c.judgeAcks(&s.CachedInfo().Config)
	return c.opts.verify(s.CachedInfo().Config)
}

// explain adds what can be done about an error of the server.
func (c *Client) explain(ctx context.Context, err error) error {
	var api *jetstream.APIError
	switch {
	case errors.As(err, &api) && api.ErrorCode == codeOverlap:
		return c.overlap(ctx)
	case errors.Is(err, natsgo.ErrNoResponders), errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		if c.opts.Domain != "" {
			return fmt.Errorf("nothing answers for the JetStream domain %s: is nats.stream.domain right, and is the leaf node connected to it: %w", c.opts.Domain, err)
		}
		return fmt.Errorf("JetStream is not available: enable it on the server (jetstream {} in its configuration) and for the account: %w", err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no answer from JetStream: the server may be starting, or the user may lack permission for %s%s: %w", c.opts.needs(), c.denial(), err)
	}
	return err
}

// needs are the subjects that Ensure publishes to.
func (o *Options) needs() string {
	api := "$JS.API."
	if o.Domain != "" {
		api = "$JS." + o.Domain + ".API."
	}
	text := api + "STREAM.INFO." + StreamName
	if o.Manage == ManageEnsure {
		text += " and " + api + "STREAM.CREATE." + StreamName
	}
	return text
}

// overlap names the streams that have undog's subjects.
func (c *Client) overlap(ctx context.Context) error {
	var names []string
	l := c.js.StreamNames(ctx, jetstream.WithStreamListSubject(notify.AllSubjects))
	for name := range l.Name() {
		names = append(names, name)
	}
	slices.Sort(names)
	name := strings.Join(names, ", ")
	if name == "" {
		name = "(another)"
	}
	return &StreamError{
		Stream: name,
		Faults: []string{fmt.Sprintf("it captures subjects under %s, which only stream %s may", notify.AllSubjects, StreamName)},
		Remedy: "Take these subjects out of it (nats stream edit " + name + " --subjects …); " + c.opts.thenCreated(),
	}
}
