// Command webhook is a subscriber that relays undog's events to a webhook of the
// chat kind: it posts {"text": "…"} for each.
//
//	go run ./examples/subscribers/webhook --to https://chat.example.org/hooks/…
//
// Delivery is at least once. An endpoint that has to act once finds the event's
// id in the header Idempotency-Key. The URL of a webhook is a secret: it is read
// from $WEBHOOK_URL where --to is not given, and appears in no log.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/undog-dev/undog/notify/nats/subscribe"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "webhook: %v\n", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has run.
	}
}

func run(ctx context.Context, args []string, trouble io.Writer) error {
	flags := flag.NewFlagSet("webhook", flag.ContinueOnError)
	flags.SetOutput(trouble)
	server := flags.String("url", "nats://127.0.0.1:4222", "URL of the NATS `server`")
	creds := flags.String("creds", "", "creds `file` for it")
	durable := flags.String("durable", "undog-webhook", "`name` under which the server remembers how far this relay got")
	types := flags.String("types", "verdict.bad,rollback.*,rollout.recovered,rollout.halted,brake.*", "what to relay, separated by commas")
	to := flags.String("to", "", "`URL` of the webhook [$WEBHOOK_URL]")
	if err := flags.Parse(args); err != nil {
		return err
	}
	target := cmp.Or(*to, os.Getenv("WEBHOOK_URL"))
	if u, err := url.Parse(target); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("--to (or $WEBHOOK_URL) is no URL: want https://…")
	}
	if flags.NArg() > 0 {
		return errors.New("want flags only; see --help")
	}
	nc, err := subscribe.Connect(subscribe.Server{URL: *server, Credentials: *creds, Name: "undog webhook"})
	if err != nil {
		return err
	}
	defer nc.Close()
	r := relay{to: target}
	err = subscribe.Run(ctx, subscribe.Options{
		Conn: nc, Durable: *durable, Types: strings.Split(*types, ","), Handle: r.post, Deadline: postWithin,
		Log: slog.New(slog.NewTextHandler(trouble, nil)),
	})
	if err != nil {
		return fmt.Errorf("relay events: %w", err)
	}
	return nil
}
