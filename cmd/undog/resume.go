package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/undog-dev/undog/cmd/undog/kube"
	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy/rollback"
	"github.com/undog-dev/undog/watcher/api"
)

func newResume(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "resume NAMESPACE/NAME",
		Short: "Take back undog's own pause of a Deployment",
		Long: `Take back undog's own pause of a Deployment: its rollout goes on, with the
revision that was paused. A pause that somebody else made stays. undog itself
resumes as soon as the Deployment's template changes.`,
		Example: "  undog resume shop/web",
		Args:    exactly("NAMESPACE/NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			namespace, name, err := deployment(cmd, args[0])
			if err != nil {
				return err
			}
			cfg, err := p.partly(cmd, "kubeconfig")
			if err != nil {
				return err
			}
			return p.resume(cmd.Context(), cfg.Kubeconfig, namespace, name)
		},
	}
	addClusterFlags(cmd.Flags())
	return cmd
}

// addClusterFlags are those of the commands that ask the API server alone.
func addClusterFlags(f *pflag.FlagSet) {
	f.String("kubeconfig", "", kubeconfigUsage())
	config.AddFileFlag(f, "that names the kubeconfig where no flag does")
}

// kubeconfigEnv is the variable that undog run reads, too.
var kubeconfigEnv = config.Setting{Key: "kubeconfig"}.Env()

// deployment splits NAMESPACE/NAME.
func deployment(cmd *cobra.Command, arg string) (namespace, name string, err error) {
	namespace, name, found := strings.Cut(arg, "/")
	if !found || len(validation.IsDNS1123Label(namespace)) > 0 || len(validation.IsDNS1123Subdomain(name)) > 0 {
		return "", "", usagef(cmd, "%q is not NAMESPACE/NAME; write the Deployment's, such as shop/web; ", arg)
	}
	return namespace, name, nil
}

func (p *program) resume(ctx context.Context, kubeconfig, namespace, name string) error {
	cfg, _, err := kube.Config(kubeconfig)
	if err != nil {
		return err
	}
	cfg.UserAgent = "undog/" + readBuild().Version
	client, err := api.New(cfg)
	if err != nil {
		return err
	}
	err = rollback.Resume(ctx, client.Apps(), namespace, name)
	switch {
	case errors.Is(err, rollback.ErrNotPaused):
		// What was asked for is so already.
		return p.say("deployment %s/%s is not paused: nothing to do\n", namespace, name)
	case err != nil:
		return err
	}
	return p.say("deployment %s/%s resumed\n", namespace, name)
}

// say writes a result.
func (p *program) say(format string, args ...any) error {
	if _, err := fmt.Fprintf(p.out, format, args...); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}
