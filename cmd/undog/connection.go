package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/undog-dev/undog/cmd/undog/app"
	"github.com/undog-dev/undog/cmd/undog/events"
	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/notify/nats"
)

// connection is how a command that has config.AddConnectionFlags gets to NATS, and
// the cluster that it asks about.
func (p *program) connection(cmd *cobra.Command) (server nats.Options, cluster string, err error) {
	cfg, err := p.partly(cmd, config.ConnectionKeys()...)
	if err != nil {
		return server, "", err
	}
	return app.Connection(config.Connection(events.DefaultURL, cfg)), cfg.Cluster, nil
}

// partly reads what a command needs of the configuration, and says on stderr when
// some of that may have been missed.
func (p *program) partly(cmd *cobra.Command, keys ...string) (*config.Config, error) {
	path, err := cmd.Flags().GetString(config.FileFlag)
	if err != nil {
		return nil, fmt.Errorf("read flag: %w", err)
	}
	part, err := config.Partly(config.Options{Path: path, Flags: cmd.Flags()}, keys...)
	var wrong config.Problems
	switch {
	case errors.As(err, &wrong) && !slices.ContainsFunc(wrong, func(w config.Problem) bool { return !strings.HasPrefix(w.Source, "flag ") }):
		return nil, usagef(cmd, "%s; ", err) // Of the command line alone.
	case err != nil:
		return nil, configError(err)
	}
	if part.Broken != nil {
		_, _ = fmt.Fprintf(p.err, "undog: the configuration file is not read as a whole: %v\n", part.Broken)
	}
	return part.Config, nil
}
