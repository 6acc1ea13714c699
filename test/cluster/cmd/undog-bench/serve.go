package main

import (
	"context"
	"flag"
	"fmt"
	"runtime/debug"

	"github.com/undog-dev/undog/test/bench/fleet"
	"github.com/undog-dev/undog/test/bench/load"
	"github.com/undog-dev/undog/test/bench/wire"
)

// serve is the process that undog takes for an API server. It says on standard
// output where it can be told what is to happen.
func serve(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("undog-bench serve", flag.ContinueOnError)
	pods := flags.Int("pods", 1000, "how many pods there are")
	old := flags.Int("old", 10, "how many old ReplicaSets each Deployment has")
	largest := flags.Int("largest", 0, "how many of the pods one large Deployment has")
	crashing := flags.Int("crashing", 0, "how many of the pods crash over and over")
	kubeconfig := flags.String("kubeconfig", "", "write a kubeconfig here")
	if err := flags.Parse(args); err != nil {
		return err
	}
	server := wire.New()
	world, err := load.New(server, fleet.Shape{Pods: *pods, OldReplicaSets: *old, Largest: *largest, Crashing: *crashing}, 1)
	if err != nil {
		return err
	}
	// What there is stays: collecting would only take time from undog.
	debug.SetGCPercent(100)
	return load.Serve(ctx, server, world, *kubeconfig, func(control string) error {
		_, err := fmt.Println(control)
		return err
	})
}
