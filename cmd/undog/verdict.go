package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/undog-dev/undog/cmd/undog/events"
	"github.com/undog-dev/undog/cmd/undog/verdict"
	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/notify"
)

func newVerdict(p *program) *cobra.Command {
	opts := verdict.Options{}
	cmd := &cobra.Command{
		Use:   "verdict NAMESPACE/NAME good|bad --revision HASH|NAME|IMAGE --reason TEXT",
		Short: "Report a verdict on a revision",
		Long: `Report that a revision of a Deployment is good or bad, to the undog that judges
it: somebody knows better, such as a smoke test, a monitor or a person. It must be
the revision that is being judged now. What undog makes of it follows the policy,
and every event about it carries the reason and who reported it.

It ends with 0 when the verdict was accepted, with 1 when it was refused, with 2
when it cannot be understood, and with 3 when no undog answers.`,
		Example: `  undog verdict shop/web bad --revision example.org/web:v1.1 --reason "checkout fails for guests"
  undog verdict shop/web good --revision web-66d9f7 --reason "smoke test passed" --by ci`,
		Args: exactly("NAMESPACE/NAME", "good|bad"),
		RunE: func(cmd *cobra.Command, args []string) error {
			namespace, name, err := deployment(cmd, args[0])
			if err != nil {
				return err
			}
			opts.Namespace, opts.Name, opts.Verdict = namespace, name, args[1]
			if opts.Server, opts.Cluster, err = p.connection(cmd); err != nil {
				return err
			}
			if err := completeVerdict(cmd, &opts); err != nil {
				return err
			}
			return p.verdict(cmd.Context(), opts)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&opts.Revision, "revision", "", "pod-template-`hash`, ReplicaSet or image of the revision; undog history lists them")
	f.StringVar(&opts.Reason, "reason", "", "a `sentence` that says what is known; it stands in the event")
	f.StringVar(&opts.By, "by", "", "`who` reports it; empty is the user [$USER]")
	f.String("cluster", "", "`name` of the cluster in undog's configuration; "+config.Default().Cluster+" where nothing names one [$"+clusterEnv+"]")
	config.AddConnectionFlags(f, events.DefaultURL)
	return cmd
}

// clusterEnv is the variable that undog run reads, too.
var clusterEnv = config.Setting{Key: "cluster"}.Env()

// completeVerdict fills in the defaults and finds everything that cannot be sent.
func completeVerdict(cmd *cobra.Command, opts *verdict.Options) error {
	opts.By = cmp.Or(opts.By, os.Getenv("USER"))
	var wrong []string
	if opts.Verdict != notify.Good && opts.Verdict != notify.Bad {
		wrong = append(wrong, fmt.Sprintf("the verdict is %q; write %s or %s", notify.Text(opts.Verdict, 64), notify.Good, notify.Bad))
	}
	if opts.Revision == "" {
		wrong = append(wrong, fmt.Sprintf("--revision is missing; 'undog history %s/%s' lists the revisions with their ReplicaSets and images", opts.Namespace, opts.Name))
	}
	if strings.TrimSpace(opts.Reason) == "" {
		wrong = append(wrong, "--reason is missing; say in a sentence what is known of the revision")
	}
	if len(wrong) == 0 {
		if err := opts.Check(); err != nil {
			wrong = strings.Split(err.Error(), "\n")
		}
	}
	if len(wrong) > 0 {
		return usagef(cmd, "%s; ", strings.Join(wrong, "\n"))
	}
	return nil
}

func (p *program) verdict(ctx context.Context, opts verdict.Options) error {
	reply, err := verdict.Send(ctx, opts)
	if err != nil {
		return err
	}
	if err := opts.Refused(reply); err != nil {
		return err
	}
	return opts.Write(p.out, reply)
}
