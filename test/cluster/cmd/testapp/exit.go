package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// exiter says how a container ends.
type exiter struct {
	code  int
	after time.Duration
	// says are its last words; a line break is written as \n.
	says string
}

func (e *exiter) register(flags *flag.FlagSet) {
	flags.IntVar(&e.code, "code", 1, "exit code")
	flags.DurationVar(&e.after, "after", 0, "time before the exit")
	flags.StringVar(&e.says, "says", "", "what to print before the exit; \\n breaks the line")
}

// run waits, and ends early, and well, when ctx does.
func (e *exiter) run(ctx context.Context) int {
	timer := time.NewTimer(e.after)
	defer timer.Stop()
	select {
	case <-timer.C:
		if e.says != "" {
			fmt.Fprintln(os.Stderr, strings.ReplaceAll(e.says, `\n`, "\n"))
		}
		fmt.Fprintf(os.Stderr, "testapp: exiting with code %d, as told\n", e.code)
		return e.code
	case <-ctx.Done():
		return 0
	}
}

func exit(ctx context.Context, flags *flag.FlagSet, args []string) (int, error) {
	var e exiter
	e.register(flags)
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	return e.run(ctx), nil
}

func flaky(ctx context.Context, flags *flag.FlagSet, args []string) (int, error) {
	var (
		e exiter
		s server
	)
	e.register(flags)
	s.register(flags)
	times := flags.Int("times", 2, "how many times to exit before running well")
	state := flags.String("state", "", "file with the number of exits so far, on a volume that outlives the container")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	if *state == "" {
		return 2, errors.New("--state is empty: name a file on an emptyDir volume")
	}
	exits, err := readCount(*state)
	if err != nil {
		return 2, err
	}
	if exits >= *times {
		return 0, s.run(ctx)
	}
	if err := os.WriteFile(*state, []byte(strconv.Itoa(exits+1)), 0o600); err != nil {
		return 2, fmt.Errorf("count the exit: %w", err)
	}
	return e.run(ctx), nil
}

func readCount(file string) (int, error) {
	raw, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read count of exits: %w", err)
	}
	count, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		return 0, fmt.Errorf("read count of exits in %s: %w", file, err)
	}
	return count, nil
}
