package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/undog-dev/undog/cmd/undog/history"
	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/cmd/undog/snapshot"
)

func newHistory(p *program) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "history NAMESPACE/NAME",
		Short: "List a Deployment's revisions with their verdicts",
		Long: `List a Deployment's revisions, newest first: what each changed and who did it,
what undog thought of it and did about it. Revisions whose ReplicaSets are gone
are listed as long as undog remembers them. The cluster alone is read; no undog
needs to run.`,
		Example: "  undog history shop/web",
		Args:    exactly("NAMESPACE/NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			namespace, name, err := deployment(cmd, args[0])
			if err != nil {
				return err
			}
			if err := checkOutput(cmd, output); err != nil {
				return err
			}
			cfg, err := p.partly(cmd, "kubeconfig")
			if err != nil {
				return err
			}
			return p.history(cmd.Context(), cfg.Kubeconfig, namespace, name, output)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	addClusterFlags(f)
	f.StringVarP(&output, "output", "o", outputText, "text or json")
	return cmd
}

func (p *program) history(ctx context.Context, kubeconfig, namespace, name, output string) error {
	client, where, err := connect(kubeconfig)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	s, err := snapshot.Read(ctx, client, namespace, name, snapshot.Options{Pods: true})
	switch {
	case errors.Is(err, snapshot.ErrNotFound):
		return fmt.Errorf("%w in the cluster of %s", err, where)
	case err != nil:
		return err
	}
	h := history.From(s)
	if output == outputJSON {
		return h.WriteJSON(p.out)
	}
	sheet := page.For(p.out)
	h.Lay(sheet, time.Local)
	_, err = sheet.WriteTo(p.out)
	return err
}
