// Command terminal is a subscriber that writes undog's events to the terminal,
// one line each, with the thread that it belongs to.
//
//	go run ./examples/subscribers/terminal --url nats://127.0.0.1:4222 --since 2h
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats/subscribe"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "terminal: %v\n", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has run.
	}
}

func run(ctx context.Context, args []string, out, trouble io.Writer) error {
	flags := flag.NewFlagSet("terminal", flag.ContinueOnError)
	flags.SetOutput(trouble)
	url := flags.String("url", "nats://127.0.0.1:4222", "URL of the NATS `server`")
	creds := flags.String("creds", "", "creds `file` for it")
	types := flags.String("types", "", "only these, separated by commas, such as verdict.*,rollback.*")
	since := flags.Duration("since", 0, "begin so long ago; 0 begins with what comes now")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || *since < 0 {
		return errors.New("want flags only, and --since as in 2h; see --help")
	}
	nc, err := subscribe.Connect(subscribe.Server{URL: *url, Credentials: *creds, Name: "undog terminal"})
	if err != nil {
		return err
	}
	defer nc.Close()
	opts := subscribe.Options{
		Conn: nc, New: *since == 0,
		Log:    slog.New(slog.NewTextHandler(trouble, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Handle: func(_ context.Context, d subscribe.Delivery) error { return write(out, d.Event) },
	}
	if *since > 0 {
		opts.Since = time.Now().Add(-*since)
	}
	if *types != "" {
		opts.Types = strings.Split(*types, ",")
	}
	return subscribe.Run(ctx, opts)
}

// write is one line for people. Texts of others are cleaned before they reach a
// terminal.
func write(out io.Writer, e notify.Event) error {
	noun, verb, err := e.Kind()
	if err != nil {
		return notify.Permanent(err)
	}
	thread := e.CorrelationID[:min(len(e.CorrelationID), 8)]
	line := fmt.Sprintf("%s  %-5s  [%s]  %s/%s  %s.%s  %s: %s", e.Time.Local().Format(time.TimeOnly), e.SeverityText,
		thread, e.Data.Workload.Namespace, e.Data.Workload.Name, noun, verb, e.Data.Reason, e.Data.Message)
	_, err = fmt.Fprintln(out, notify.Text(line, 1000))
	return err
}
