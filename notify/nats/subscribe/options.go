package subscribe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"github.com/undog-dev/undog/notify"
)

// DefaultStream is where undog keeps its events.
const DefaultStream = "UNDOG"

// The defaults of Options.
const (
	DefaultDeadline = 30 * time.Second
	DefaultAckWait  = 30 * time.Second
	DefaultMinWait  = time.Second
	DefaultMaxWait  = time.Minute
	DefaultWindow   = 4096
)

// Delivery is an event as the stream has it.
type Delivery struct {
	notify.Event
	// Raw is the event's JSON, with fields that this version does not know.
	Raw []byte
	// Subject is the NATS subject it was published to.
	Subject string
	// Sequence and Stored are its place in the stream and when it got there.
	Sequence uint64
	Stored   time.Time
	// Tries counts how often it was delivered, this time included.
	Tries uint64
}

// Handler takes an event. When it returns nil the event is acknowledged; after
// an error it is tried again, unless the error is [notify.Permanent]. An error
// made by [After] says when. The context ends with the deadline and with Run.
type Handler func(ctx context.Context, d Delivery) error

// Options says what to receive, and how. Conn and Handle must be set.
type Options struct {
	// Conn is the connection, best made by Connect.
	Conn *natsgo.Conn
	// Domain is the JetStream domain, "" for that of the connection.
	Domain string
	// Stream is the stream, "" means DefaultStream.
	Stream string
	// Durable names the consumer: the server remembers under it how far it got.
	// Without a name it forgets soon after Run ends.
	Durable string
	// Cluster, Namespace and Workload select; "" selects all.
	Cluster, Namespace, Workload string
	// Types selects by noun.verb, either of which may be *; none selects all.
	Types []string
	// Since is where a consumer begins that is new to the server; zero is the
	// first event kept. New begins with what is stored from now on.
	Since time.Time
	New   bool

	Handle Handler
	// Deadline bounds one call of Handle, AckWait how long the server waits for
	// a sign of life before it delivers an event again. Run gives such signs
	// while Handle runs.
	Deadline, AckWait time.Duration
	// MinWait and MaxWait bound the pause before an event is tried again; it
	// doubles in between.
	MinWait, MaxWait time.Duration
	// MaxTries is how often an event is tried, 0 for ever. GaveUp is told of
	// what is not tried any more; nil means that it is logged only.
	MaxTries uint64
	GaveUp   func(d Delivery, err error)
	// Seen remembers what was handled; nil means a Window of DefaultWindow ids.
	Seen Store
	Log  *slog.Logger
}

// complete checks the options and fills in the defaults.
func (o *Options) complete() error {
	var errs []error
	add := func(bad bool, format string, args ...any) {
		if bad {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	add(o.Conn == nil, "Conn is nil: pass a connection, as Connect makes it")
	add(o.Handle == nil, "Handle is nil: pass what takes the events")
	add(strings.ContainsAny(o.Durable, ". *>/\\\t\r\n"), "Durable %q: want a name without spaces, dots, slashes and wildcards", o.Durable)
	add(o.New && !o.Since.IsZero(), "New and Since %s: set one of them", o.Since.Format(time.RFC3339))
	for name, d := range map[string]time.Duration{"Deadline": o.Deadline, "AckWait": o.AckWait, "MinWait": o.MinWait, "MaxWait": o.MaxWait} {
		add(d < 0, "%s %s: want a time, or 0 for the default", name, d)
	}
	if _, err := o.filters(); err != nil {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	if o.Stream == "" {
		o.Stream = DefaultStream
	}
	setDefault(&o.Deadline, DefaultDeadline)
	setDefault(&o.AckWait, DefaultAckWait)
	setDefault(&o.MinWait, DefaultMinWait)
	setDefault(&o.MaxWait, max(DefaultMaxWait, o.MinWait))
	if o.Seen == nil {
		o.Seen = NewWindow(DefaultWindow)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

func setDefault(d *time.Duration, value time.Duration) {
	if *d == 0 {
		*d = value
	}
}

// filters are the subjects to receive.
func (o *Options) filters() ([]string, error) {
	types := o.Types
	if len(types) == 0 {
		types = []string{"*.*"}
	}
	var subjects []string
	var errs []error
	for i, t := range types {
		noun, verb, ok := strings.Cut(t, ".")
		if !ok {
			errs = append(errs, fmt.Errorf("type %q: want noun.verb, such as rollback.done or verdict.*", t))
			continue
		}
		for _, other := range types[:i] {
			if overlap(t, other) {
				errs = append(errs, fmt.Errorf("types %q and %q have events in common: the server takes only one of them", other, t))
			}
		}
		any := func(s string) string { return strings.TrimSuffix(s, "*") }
		subject, err := notify.Filter(notify.Address{
			Cluster: o.Cluster, Namespace: o.Namespace, Name: o.Workload, Noun: any(noun), Verb: any(verb),
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("type %q: %w", t, err))
		}
		subjects = append(subjects, subject)
	}
	return subjects, errors.Join(errs...)
}

// overlap tells whether two types have an event in common.
func overlap(a, b string) bool {
	aNoun, aVerb, _ := strings.Cut(a, ".")
	bNoun, bVerb, _ := strings.Cut(b, ".")
	alike := func(x, y string) bool { return x == y || x == "*" || y == "*" }
	return alike(aNoun, bNoun) && alike(aVerb, bVerb)
}
