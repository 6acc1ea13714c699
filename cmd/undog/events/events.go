package events

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/undog-dev/undog/notify/nats"
)

// Text and JSON are the outputs.
const (
	Text = "text"
	JSON = "json"
)

const (
	// DefaultURL is where undog's embedded server listens by default.
	DefaultURL = "nats://127.0.0.1:4222"

	connectWithin = 5 * time.Second
)

// Options says what to read and how to write it.
type Options struct {
	// URL of the NATS server, "" means DefaultURL. Server is how to get to it
	// otherwise: its login, its TLS, its domain.
	URL    string
	Server nats.Options
	// Namespace and Name select a workload's events, "" selects all.
	Namespace, Name string
	// Types selects by patterns such as verdict.*, none selects all.
	Types []string
	// Since begins with what was stored then, zero with the first event kept.
	// Until ends with what happened by then, zero does not end.
	Since, Until time.Time
	// Timeline writes each rollout's story instead of each event. It needs the
	// end of the stream, and does not go with Follow.
	Timeline bool
	// Follow waits for further events until the context ends.
	Follow bool
	// Output is Text, the default, or JSON: one CloudEvent per line.
	Output string
	Out    io.Writer
	// Err is told when the connection is lost and when it is back; nil means nobody.
	Err io.Writer
	// Log is for trouble on the way; nil means none.
	Log *slog.Logger
}

func (o *Options) complete() error {
	var errs []error
	if o.URL == "" {
		o.URL = DefaultURL
	}
	if o.Output == "" {
		o.Output = Text
	}
	if o.Output != Text && o.Output != JSON {
		errs = append(errs, fmt.Errorf("output %q: want %s or %s", o.Output, Text, JSON))
	}
	if !o.Until.IsZero() && o.Until.Before(o.Since) {
		errs = append(errs, fmt.Errorf("until %s is before since %s: nothing lies between", o.Until.Format(time.RFC3339), o.Since.Format(time.RFC3339)))
	}
	if o.Timeline && (o.Follow || o.Output == JSON) {
		errs = append(errs, errors.New("a timeline is text of what is over: leave following and json away"))
	}
	errs = append(errs, checkTypes(o.Types))
	if o.Out == nil {
		errs = append(errs, errors.New("out is nil: pass the writer for the events"))
	}
	if o.Err == nil {
		o.Err = io.Discard
	}
	return errors.Join(errs...)
}

// Run writes the events that the stream has, and with Follow those to come
// until ctx ends.
func Run(ctx context.Context, opts Options) error {
	if err := opts.complete(); err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	server := opts.Server
	server.URL, server.Name, server.Log = opts.URL, "undog events", opts.Log
	c, err := nats.Connect(server)
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	defer c.Close()
	wait, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	if err := c.WaitConnected(wait); err != nil {
		return fmt.Errorf("read events: %w: is undog running, and is this the URL of its NATS server?", err)
	}
	if opts.Follow && !opts.Until.IsZero() {
		var end context.CancelFunc
		ctx, end = context.WithDeadline(ctx, opts.Until)
		defer end()
	}
	tail := nats.TailOptions{Namespace: opts.Namespace, Workload: opts.Name, Since: opts.Since, Follow: opts.Follow}
	story := timeline{}
	err = read(ctx, c, tail, opts.Err, func(r nats.Received) error {
		switch {
		case !opts.wanted(r.Event):
			return nil
		case opts.Timeline:
			return story.add(r.Event)
		case opts.Output == JSON:
			return writeJSON(opts.Out, r.Raw)
		}
		return writeText(opts.Out, r.Event, time.Local)
	})
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	if opts.Timeline {
		return story.write(opts.Out, time.Local)
	}
	return nil
}

// writeJSON writes the event as it was received, on one line.
func writeJSON(out io.Writer, raw []byte) error {
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	b.WriteByte('\n')
	if _, err := out.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	return nil
}
