package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/undog-dev/undog/cmd/undog/app"
	"github.com/undog-dev/undog/cmd/undog/logs"
	"github.com/undog-dev/undog/config"
)

func newRun(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Watch a cluster until told to stop",
		Long: `Watch a cluster until told to stop (SIGINT or SIGTERM; a second signal ends
undog at once).

A value is taken from its flag, else from the environment variable named with
it, else from the configuration file, else it is the default. A variable that
is empty counts as not set. Policies, checks and personas stand in the file
alone; without a policy there is one built in: action auto
(roll back, but only tell where Argo CD, Flux or an operator keeps the
Deployment), good after 10m.`,
		Example: `  # The cluster that kubectl talks to; decide and publish, change nothing.
  undog run --mode observe

  # Two namespaces, a NATS server of your own, the rest from a file.
  undog run --config undog.yaml --namespace shop --namespace web --nats-url nats://nats:4222`,
		Args: exactly(),
		RunE: p.run,
	}
	cmd.Flags().SortFlags = false
	config.AddFlags(cmd.Flags())
	complete(cmd)
	return cmd
}

// complete offers the words and files that a shell can complete.
func complete(cmd *cobra.Command) {
	words := func(words ...string) cobra.CompletionFunc {
		return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
	}
	err := errors.Join(
		cmd.RegisterFlagCompletionFunc("mode", words("enforce", "observe")),
		cmd.RegisterFlagCompletionFunc("log-level", words("debug", "info", "warn", "error")),
		cmd.RegisterFlagCompletionFunc("leader-election", words("auto", "true", "false")),
		cmd.RegisterFlagCompletionFunc("log-format", words("console", "json")),
		cmd.MarkFlagFilename(config.FileFlag, "yaml", "yml"),
		cmd.MarkFlagDirname("nats-store-dir"),
	)
	if err != nil {
		panic(fmt.Sprintf("undog run completes a flag that it does not have: %v", err))
	}
}

// run loads the configuration, opens the log and hands over to the daemon.
func (p *program) run(cmd *cobra.Command, _ []string) error {
	// Before anything else: a SIGHUP that nobody awaits ends a process.
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	path, err := cmd.Flags().GetString(config.FileFlag)
	if err != nil {
		return fmt.Errorf("read flag: %w", err)
	}
	if path == "" && cmd.Flags().Changed(config.FileFlag) {
		return usagef(cmd, "--%s is empty; name a file or leave it out; ", config.FileFlag)
	}
	loaded, err := config.Load(config.Options{Path: path, Flags: cmd.Flags(), Compilers: compilers})
	if err != nil {
		return configError(err)
	}
	first, err := logs.ParseLevel(loaded.Config.Log.Level)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	level := new(slog.LevelVar)
	level.Set(first)
	logger, err := logs.New(logs.Options{Level: level, Format: loaded.Config.Log.Format, Out: p.err})
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	if err := logs.RouteKlog(logger); err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	version := readBuild().Version
	announce(logger, loaded, version)
	return p.watch(cmd.Context(), app.Options{
		Config: loaded.Config, ConfigPath: loaded.Path, Content: loaded.Content, Overridden: loaded.Overridden, Log: logger, Level: level, Version: version, Hangup: hangup,
		Reload: func(content []byte) (*config.Loaded, error) {
			return config.Load(config.Options{Path: loaded.Path, Content: content, Flags: cmd.Flags(), Compilers: compilers})
		},
	})
}

// announce logs where the configuration came from and what is odd about it.
func announce(log *slog.Logger, loaded *config.Loaded, version string) {
	log = log.With("version", version)
	if loaded.Path == "" {
		log.Info("no configuration file; the defaults apply where no flag or variable says otherwise", "searched", strings.Join(loaded.Searched, ", "))
	} else {
		log.Info("configuration read", "file", loaded.Path)
	}
	for _, warning := range loaded.Warnings {
		log.Warn("configuration: " + warning)
	}
}

// configError puts a headline over what is wrong with a configuration.
func configError(err error) error {
	var problems config.Problems
	switch {
	case !errors.As(err, &problems):
		return err
	case len(problems) == 1:
		return fmt.Errorf("the configuration cannot be used:\n%w", err)
	default:
		return fmt.Errorf("the configuration cannot be used, for %d reasons:\n%w", len(problems), err)
	}
}
