package main

import (
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/undog-dev/undog/cmd/undog/events"
	"github.com/undog-dev/undog/config"
)

func newEvents(p *program) *cobra.Command {
	opts := events.Options{Out: p.out, Err: p.err}
	cmd := &cobra.Command{
		Use:   "events",
		Short: "Follow the event stream",
		Long: `Follow the event stream: what undog saw, decided and did. It begins with what
happened since --since and goes on until interrupted; with --follow=false it
ends where the stream ends. When the server goes away that is told on stderr,
and what is missed meanwhile is written once it is back.`,
		Example: `  # Everything of the last day, then what comes.
  undog events

  # One Deployment, for a program.
  undog events --namespace shop --name web --since 168h --follow=false -o json`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case opts.Output != events.Text && opts.Output != events.JSON:
				return usagef(cmd, "--output is %q; write %s or %s; ", opts.Output, events.Text, events.JSON)
			case opts.Since < 0:
				return usagef(cmd, "--since is %s; write how long ago to begin, such as 1h; ", opts.Since)
			}
			if opts.URL == "" {
				opts.URL = os.Getenv(natsEnv)
			}
			if opts.Creds == "" {
				opts.Creds = os.Getenv(credentialsEnv)
			}
			return events.Run(cmd.Context(), opts)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&opts.URL, "nats-url", "", "URL of the NATS `server`; empty is "+events.DefaultURL+" [$"+natsEnv+"]")
	f.StringVar(&opts.Creds, "nats-credentials", "", "creds `file` for it [$"+credentialsEnv+"]")
	f.StringVarP(&opts.Namespace, "namespace", "n", "", "only events of this `namespace`")
	f.StringVar(&opts.Name, "name", "", "only events of the workload of this `name`")
	f.DurationVar(&opts.Since, "since", 24*time.Hour, "begin so long ago; 0 begins with the first event kept")
	f.BoolVarP(&opts.Follow, "follow", "f", true, "go on with the events to come")
	f.StringVarP(&opts.Output, "output", "o", events.Text, "text, or json: one CloudEvent per line")
	return cmd
}

// The variables that undog run reads, too.
var (
	natsEnv        = config.Setting{Key: "nats.url"}.Env()
	credentialsEnv = config.Setting{Key: "nats.credentials"}.Env()
)
