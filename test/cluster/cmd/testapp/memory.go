package main

import (
	"context"
	"flag"
	"os"
	"time"
)

const (
	memoryStep = 1 << 20
	// memoryPace keeps the kernel's accounting ahead of the allocation.
	memoryPace = time.Millisecond
)

func oom(ctx context.Context, flags *flag.FlagSet, args []string) (int, error) {
	limit := flags.Int("limit", 1024, "stop taking memory at this many MiB; the container's limit should be lower")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	ticker := time.NewTicker(memoryPace)
	defer ticker.Stop()
	var taken [][]byte
	for len(taken) < *limit {
		select {
		case <-ctx.Done():
			return 0, nil
		case <-ticker.C:
		}
		block := make([]byte, memoryStep)
		// A page counts once it has been written.
		for page := 0; page < len(block); page += os.Getpagesize() {
			block[page] = 1
		}
		taken = append(taken, block)
	}
	<-ctx.Done()
	return int(taken[0][0]) - 1, nil
}
