// Command undog-bench measures undog: the real program against a cluster of a
// tier's size, and what it took. It is what make bench runs.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "undog-bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "serve" {
		return serve(ctx, args[1:])
	}
	flags := flag.NewFlagSet("undog-bench", flag.ContinueOnError)
	name := flags.String("tier", "L", "the size of the cluster: "+tierNames())
	pods := flags.Int("pods", 0, "have so many pods instead of the tier's; the measurement is not kept")
	profiles := flags.String("profiles", "", "write profiles of undog into this folder")
	docs := flags.String("docs", "", "write performance.md into this folder, from its history in bench")
	keep := flags.String("dir", "", "keep what undog wrote in this folder")
	rights := flags.String("rights", "deploy/rbac.yaml", "what undog may do in tiers on a real API server")
	if err := flags.Parse(args); err != nil {
		return err
	}
	t, ok := tiers[*name]
	if !ok {
		return fmt.Errorf("tier %q is unknown: want one of %s", *name, tierNames())
	}
	if *pods > 0 {
		t, *docs = t.of(*pods), ""
	}
	return measure(ctx, t, options{profiles: *profiles, docs: *docs, dir: *keep, rights: *rights})
}
