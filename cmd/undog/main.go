// Command undog watches rollouts of Deployments, undoes bad ones and tells why.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/undog-dev/undog/cmd/undog/verdict"
)

// The exit codes.
const (
	exitOK    = 0
	exitError = 1
	// exitUsage is for a command line that cannot be understood.
	exitUsage = 2
	// exitNobody is for a question that nobody answered.
	exitNobody = 3
	// exitInconclusive is for a check that says nothing either way.
	exitInconclusive = 3
	// exitNextStart is for a configuration that a running undog does not take.
	exitNextStart = 3
)

// ending is an end with an exit code of its own. Without err, what there is to
// say has been said.
type ending struct {
	code int
	err  error
}

func (e *ending) Error() string { return fmt.Sprintf("exit code %d", e.code) }
func (e *ending) Unwrap() error { return e.err }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the default is back: the second ends undog at once.
	context.AfterFunc(ctx, stop)
	code := run(ctx, newProgram(os.Stdout, os.Stderr), os.Args[1:])
	stop()
	os.Exit(code)
}

// run carries out one command line and returns the exit code.
func run(ctx context.Context, p *program, args []string) int {
	root := newRoot(p)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var usage *usageError
	var nobody *verdict.NobodyError
	var end *ending
	switch {
	case errors.As(err, &end):
		if end.err != nil {
			report(p.err, end.err)
		}
		return end.code
	case err == nil, ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitOK
	case errors.As(err, &usage):
		report(p.err, err)
		return exitUsage
	case errors.As(err, &nobody):
		report(p.err, err)
		return exitNobody
	default:
		report(p.err, err)
		return exitError
	}
}

// report writes an error; one of several lines is set apart under a headline.
func report(w io.Writer, err error) {
	text := err.Error()
	if lines := strings.Split(text, "\n"); len(lines) > 1 {
		text = lines[0] + "\n  " + strings.Join(lines[1:], "\n  ")
	}
	// There is nowhere left to report that stderr is gone.
	_, _ = fmt.Fprintf(w, "undog: %s\n", text)
}
