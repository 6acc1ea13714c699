package main

import (
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/undog-dev/undog/cmd/undog/events"
	"github.com/undog-dev/undog/config"
)

func newEvents(p *program) *cobra.Command {
	opts := events.Options{Out: p.out, Err: p.err}
	var since, until string
	cmd := &cobra.Command{
		Use:   "events [NAMESPACE/NAME]",
		Short: "Show the event stream, and follow it",
		Long: `Show the event stream: what undog saw, decided and did, everywhere or with one
Deployment. It begins with what was stored since --since and goes on until interrupted; with --follow=false or
an --until that has passed it ends. When the server goes away that is told on
stderr, and what is missed meanwhile is written once it is back.`,
		Example: `  # Everything of the last day, then what comes.
  undog events

  # What was undone last night.
  undog events --type 'rollback.*' --since 2026-11-21T22:00:00Z --until 2026-11-22T06:00:00Z

  # The story of each rollout of a Deployment.
  undog events shop/web --since 7d --timeline

  # One Deployment, for a program.
  undog events shop/web --since 7d --follow=false -o json`,
		Args: exactly("[NAMESPACE/NAME]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if opts.Namespace, opts.Name, err = namedOnce(cmd, args, opts.Name, opts.Namespace); err != nil {
				return err
			}
			if err := completeEvents(cmd, &opts, since, until); err != nil {
				return err
			}
			server, _, err := p.connection(cmd)
			if err != nil {
				return err
			}
			opts.URL, opts.Server = server.URL, server
			return events.Run(cmd.Context(), opts)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&opts.Namespace, "namespace", "n", "", "only events of this `namespace`")
	f.StringVar(&opts.Name, "deployment", "", "only events of the Deployment of this `name`, or NAMESPACE/NAME")
	f.StringSliceVar(&opts.Types, "type", nil, "only events of these `types`, such as verdict.bad or 'rollback.*'")
	f.StringVar(&since, "since", "24h", "begin so long ago (2h, 7d) or at that `time` (RFC 3339); 0 begins with the first event kept")
	f.StringVar(&until, "until", "", "leave out what happened after that `time`, written likewise")
	f.BoolVarP(&opts.Follow, "follow", "f", true, "go on with the events to come")
	f.BoolVar(&opts.Timeline, "timeline", false, "tell the story of each rollout, and end")
	f.StringVarP(&opts.Output, "output", "o", events.Text, "text, or json: one CloudEvent per line")
	f.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "name" {
			// What it was called before.
			name = "deployment"
		}
		return pflag.NormalizedName(name)
	})
	config.AddConnectionFlags(f, events.DefaultURL)
	return cmd
}

// completeEvents reads what was written for people.
func completeEvents(cmd *cobra.Command, opts *events.Options, since, until string) error {
	now := time.Now()
	var err error
	if opts.Since, err = events.ParseTime(since, now); err != nil {
		return usagef(cmd, "--since %s; ", err)
	}
	if opts.Until, err = events.ParseTime(until, now); err != nil {
		return usagef(cmd, "--until %s; ", err)
	}
	asked := opts.Follow && cmd.Flags().Changed("follow")
	switch {
	case opts.Output != events.Text && opts.Output != events.JSON:
		return usagef(cmd, "--output is %q; write %s or %s; ", opts.Output, events.Text, events.JSON)
	case opts.Timeline && asked:
		return usagef(cmd, "--timeline tells what is over, --follow waits for more; leave one of them away; ")
	case opts.Timeline && opts.Output == events.JSON:
		return usagef(cmd, "--timeline is text; leave -o json away, and group by correlationid; ")
	}
	past := !opts.Until.IsZero() && !opts.Until.After(now)
	opts.Follow = opts.Follow && !opts.Timeline && !past
	return nil
}
