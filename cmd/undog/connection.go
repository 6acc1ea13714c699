package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/undog-dev/undog/cmd/undog/app"
	"github.com/undog-dev/undog/cmd/undog/events"
	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/notify/nats"
)

// connection is how a command that has config.AddConnectionFlags gets to NATS.
func connection(cmd *cobra.Command) (nats.Options, error) {
	cfg, err := config.Connection(events.DefaultURL, config.Options{Flags: cmd.Flags()})
	if err != nil {
		return nats.Options{}, fmt.Errorf("the NATS server cannot be used as told:\n%w", err)
	}
	return app.Connection(cfg), nil
}
