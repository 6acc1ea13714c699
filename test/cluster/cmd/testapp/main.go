// Command testapp is the application that tests roll out: its arguments say how
// it behaves, well or badly. It uses the standard library alone, to stay small.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// mode is one behavior: it returns the exit code.
type mode struct {
	name, help string
	run        func(ctx context.Context, flags *flag.FlagSet, args []string) (int, error)
}

func modes() []mode {
	return []mode{
		{"serve", "serve HTTP: /healthz is 200 when ready, else 503; / says the version", serve},
		{"exit", "exit with a code, after a time", exit},
		{"flaky", "exit a number of times, counted in a file that outlives the container, then serve", flaky},
		{"oom", "take memory until killed", oom},
		{"touch", "make an empty file: testapp touch FILE", touch},
		{"exists", "exit 0 if a file exists, else 1: testapp exists FILE", exists},
		{"incluster", "print the API server's version, read as the pod's service account, then serve", inCluster},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

func run(ctx context.Context, args []string, stderr io.Writer) int {
	name := "serve"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	for _, m := range modes() {
		if m.name != name {
			continue
		}
		flags := flag.NewFlagSet(name, flag.ContinueOnError)
		flags.SetOutput(stderr)
		code, err := m.run(ctx, flags, args)
		switch {
		case errors.Is(err, flag.ErrHelp):
			return 0
		case err != nil:
			_, _ = fmt.Fprintf(stderr, "testapp %s: %v\n", name, err)
			return max(code, 1)
		}
		return code
	}
	_, _ = fmt.Fprintf(stderr, "testapp: no mode %q; the modes are:\n", name)
	for _, m := range modes() {
		_, _ = fmt.Fprintf(stderr, "  %-10s %s\n", m.name, m.help)
	}
	return 2
}
