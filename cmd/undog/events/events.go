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
	// URL of the NATS server, "" means DefaultURL; Creds is a creds file.
	URL, Creds string
	// Namespace and Name select a workload's events, "" selects all.
	Namespace, Name string
	// Since begins so long ago, 0 begins with the first event kept.
	Since time.Duration
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
	if o.Since < 0 {
		errs = append(errs, fmt.Errorf("since %v: want how long ago to begin, as in 1h", o.Since))
	}
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
	c, err := nats.Connect(nats.Options{URL: opts.URL, Credentials: opts.Creds, Name: "undog events", Log: opts.Log})
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	defer c.Close()
	wait, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	if err := c.WaitConnected(wait); err != nil {
		return fmt.Errorf("read events: %w: is undog running, and is this the URL of its NATS server?", err)
	}
	tail := nats.TailOptions{Namespace: opts.Namespace, Workload: opts.Name, Follow: opts.Follow}
	if opts.Since > 0 {
		tail.Since = time.Now().Add(-opts.Since)
	}
	write := func(r nats.Received) error { return writeText(opts.Out, r.Event, time.Local) }
	if opts.Output == JSON {
		write = func(r nats.Received) error { return writeJSON(opts.Out, r.Raw) }
	}
	if err := read(ctx, c, tail, opts.Err, write); err != nil {
		return fmt.Errorf("read events: %w", err)
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
