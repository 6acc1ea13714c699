package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
)

func touch(_ context.Context, flags *flag.FlagSet, args []string) (int, error) {
	path, err := onePath(flags, args)
	if err != nil {
		return 2, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return 1, fmt.Errorf("touch: %w", err)
	}
	return 0, file.Close()
}

func exists(_ context.Context, flags *flag.FlagSet, args []string) (int, error) {
	path, err := onePath(flags, args)
	if err != nil {
		return 2, err
	}
	if _, err := os.Stat(path); err != nil {
		return 1, err
	}
	return 0, nil
}

func onePath(flags *flag.FlagSet, args []string) (string, error) {
	if err := flags.Parse(args); err != nil {
		return "", err
	}
	if flags.NArg() != 1 {
		return "", errors.New("give one path")
	}
	return flags.Arg(0), nil
}
