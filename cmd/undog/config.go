package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
)

func newConfig(p *program) *cobra.Command {
	group := &cobra.Command{
		Use:   "config",
		Short: "Look at configuration files",
		Args:  onlyCommands,
		RunE:  showHelp,
	}
	group.AddCommand(&cobra.Command{
		Use:   "check FILE",
		Short: "Check a configuration file and say what it means",
		Long: `Check a configuration file by itself, without the environment, and say what it
means. Everything that is wrong is told at once, with its line; the exit code
is then 1.`,
		Args: exactly("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			file, err := config.ReadFile(args[0])
			if err != nil {
				return configError(err)
			}
			return explain(p.out, file)
		},
	})
	return group
}

// explain writes what a configuration means, in the words of its reader.
func explain(w io.Writer, file *config.File) error {
	c := &file.Config
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ok\n", file.Name)
	fmt.Fprintf(&b, "cluster %s, mode %s%s\n", c.Cluster, c.Mode, modeMeans(c.Mode))
	fmt.Fprintf(&b, "watches %s\n", scope(c.Watch.Namespaces, c.Watch.Selector, "every namespace but kube-* and undog's own"))
	if c.NATS.URL != "" {
		fmt.Fprintf(&b, "publishes to %s\n", config.Redact(c.NATS.URL))
	} else {
		fmt.Fprintf(&b, "publishes to a NATS server of its own on %s\n", c.NATS.Listen)
	}
	fmt.Fprintf(&b, "answers /livez, /readyz and /metrics on %s\n", c.HTTP.Addr)
	fmt.Fprintf(&b, "policies, the first match wins:\n")
	for i, p := range c.Policies {
		builtIn := ""
		if file.Line("policies") == 0 {
			builtIn = " (built in)"
		}
		fmt.Fprintf(&b, "%d. %s%s: %s\n", i+1, p.Name, builtIn, scope(p.Match.Namespaces, p.Match.Selector, "every Deployment watched"))
		fmt.Fprintf(&b, "   %s; good after %s; ready within %s\n", actionMeans(p.Action, c.Mode), p.Bake, readyWithin(p.ReadyWithin))
	}
	for _, warning := range config.Warnings(c) {
		fmt.Fprintf(&b, "warning: %s\n", warning)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

func scope(namespaces []string, selector, all string) string {
	var parts []string
	if len(namespaces) > 0 {
		parts = append(parts, "Deployments in "+strings.Join(namespaces, ", "))
	} else if selector == "" {
		return all
	} else {
		parts = append(parts, all)
	}
	if selector != "" {
		parts = append(parts, "with labels "+selector)
	}
	return strings.Join(parts, ", ")
}

func modeMeans(m policy.Mode) string {
	if m == policy.Observe {
		return ": decides and publishes, touches no workload"
	}
	return ""
}

func actionMeans(a policy.Action, m policy.Mode) string {
	text := map[policy.Action]string{
		policy.ActionRollback: "a bad revision is rolled back",
		policy.ActionPause:    "a bad revision's rollout is paused",
		policy.ActionNotify:   "a bad revision is reported",
	}[a]
	if m == policy.Observe && a != policy.ActionNotify {
		return text + " (in mode observe only reported)"
	}
	return text
}

func readyWithin(d config.Duration) string {
	if d == 0 {
		return "a time derived from history and probes"
	}
	return d.String()
}
