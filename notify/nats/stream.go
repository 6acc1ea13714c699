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

// Ensure creates the stream, or verifies the one that exists. A *StreamError
// says that the latter is not fit; it is never changed.
func (c *Client) Ensure(ctx context.Context) error {
	if !c.nc.IsConnected() {
		return c.notConnected(nil)
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
	if errors.Is(err, jetstream.ErrStreamNotFound) {
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
	return verify(s.CachedInfo().Config)
}

// explain adds what can be done about an error of the server.
func (c *Client) explain(ctx context.Context, err error) error {
	var api *jetstream.APIError
	switch {
	case errors.As(err, &api) && api.ErrorCode == codeOverlap:
		return c.overlap(ctx)
	case errors.Is(err, natsgo.ErrNoResponders), errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return fmt.Errorf("JetStream is not available: enable it on the server (jetstream {} in its configuration) and for the account: %w", err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no answer from JetStream: the server may be starting, or the user may lack permission for $JS.API.STREAM.INFO.%s and $JS.API.STREAM.CREATE.%s: %w", StreamName, StreamName, err)
	}
	return err
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
		Remedy: "Take these subjects out of it (nats stream edit " + name + " --subjects …); undog creates its own stream then",
	}
}

// verify finds everything in a stream's configuration that could lose events,
// or hide them from undog.
func verify(cfg jetstream.StreamConfig) error {
	var faults, edits []string
	recreate := false
	check := func(bad bool, edit, format string, args ...any) {
		if !bad {
			return
		}
		faults = append(faults, fmt.Sprintf(format, args...))
		if edit == "" {
			recreate = true
			return
		}
		edits = append(edits, edit)
	}
	check(cfg.Mirror != nil, "", "it is a mirror, which cannot be published to")
	check(cfg.Mirror == nil && !slices.Equal(cfg.Subjects, []string{notify.AllSubjects}), "--subjects '"+notify.AllSubjects+"'",
		"its subjects are %q, must be exactly [%q]", cfg.Subjects, notify.AllSubjects)
	check(cfg.Retention != jetstream.LimitsPolicy, "", "its retention is %s, must be limits: it drops events although it acknowledges them", strings.ToLower(cfg.Retention.String()))
	check(cfg.Storage != jetstream.FileStorage, "", "its storage is %s, must be file: a restart loses it", strings.ToLower(cfg.Storage.String()))
	check(cfg.NoAck, "--ack", "no_ack is set: it does not acknowledge what it stores")
	check(cfg.Sealed, "", "it is sealed, nothing can be published to it")
	check(cfg.SubjectTransform != nil, "", "it changes subjects (subject_transform)")
	check(cfg.PersistMode == jetstream.AsyncPersistMode, "", "its persist_mode is async, must be default: it acknowledges before it stores")
	check(cfg.MaxMsgsPerSubject > 0, "--max-msgs-per-subject=-1", "max_msgs_per_subject is %d, must be unlimited: it drops all but the newest events of a workload", cfg.MaxMsgsPerSubject)
	check(cfg.MaxMsgSize > 0 && cfg.MaxMsgSize < minMsgSize, fmt.Sprintf("--max-msg-size=%d", maxMsgSize), "max_msg_size is %d, must be at least %d", cfg.MaxMsgSize, minMsgSize)
	check(cfg.MaxAge > 0 && cfg.MaxAge < minMaxAge, "--max-age=30d", "max_age is %v, must be at least %v or unlimited: undog keeps a week of events complete", cfg.MaxAge, minMaxAge)
	if len(faults) == 0 {
		return nil
	}
	remedy := "Run: nats stream edit " + cfg.Name + " " + strings.Join(edits, " ")
	if recreate {
		remedy = fmt.Sprintf("This cannot be changed in place: keep what you need of it (nats stream backup %s FOLDER) and remove it (nats stream rm %s); undog then creates the right one", cfg.Name, cfg.Name)
	}
	return &StreamError{Stream: cfg.Name, Faults: faults, Remedy: remedy}
}
