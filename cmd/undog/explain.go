package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/cmd/undog/app"
	"github.com/undog-dev/undog/cmd/undog/explain"
	"github.com/undog-dev/undog/cmd/undog/kube"
	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/watcher/api"
)

func newExplain(p *program) *cobra.Command {
	var q question
	cmd := &cobra.Command{
		Use:   "explain NAMESPACE/NAME",
		Short: "Say how a Deployment is judged, and why",
		Long: `Say how a Deployment is judged, and why: what its pods show, what each rule and
each veto finds in that, where an undo would lead, and what happens next.

The undog that runs is asked at its HTTP address. Without one, or when it does
not watch the Deployment, it is judged afresh from the cluster; what only time
shows is then missing, and nothing is done or written.`,
		Example: `  undog explain shop/web
  undog explain shop/web --server http://undog.undog:8080 -o json`,
		Args: exactly("NAMESPACE/NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if q.namespace, q.name, err = deployment(cmd, args[0]); err != nil {
				return err
			}
			if err := checkOutput(cmd, q.output); err != nil {
				return err
			}
			return p.explain(cmd, q)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&q.server, "server", "", "`URL` of the undog to ask; empty is http.addr [$"+config.Setting{Key: "http.addr"}.Env()+"]")
	f.String("kubeconfig", "", kubeconfigUsage())
	config.AddFileFlag(f, "with undog's address, and to judge by where none answers")
	f.StringVarP(&q.output, "output", "o", outputText, "text or json")
	return cmd
}

// question is what undog explain is asked.
type question struct {
	namespace, name string
	server, output  string
}

// The outputs of the commands that look at one Deployment.
const (
	outputText = "text"
	outputJSON = "json"
)

func checkOutput(cmd *cobra.Command, output string) error {
	if output != outputText && output != outputJSON {
		return usagef(cmd, "--output is %q; write %s or %s; ", output, outputText, outputJSON)
	}
	return nil
}

func (p *program) explain(cmd *cobra.Command, q question) error {
	cfg, addr := &config.Config{}, q.server
	if addr == "" {
		var err error
		if cfg, err = p.partly(cmd, "http.addr", "kubeconfig"); err != nil {
			return err
		}
		addr = cfg.HTTP.Addr
	}
	server, err := explain.Server(addr)
	if err != nil && q.server != "" {
		return usagef(cmd, "--server: %s; ", err)
	}
	var a *explain.Answer
	if err == nil {
		a, err = explain.Ask(cmd.Context(), server, q.namespace, q.name)
	}
	if a == nil || q.server == "" {
		a, err = p.settle(cmd, q, cfg.Kubeconfig, server, a, err)
	}
	if err != nil {
		return err
	}
	if q.output == outputJSON {
		return a.WriteJSON(p.out)
	}
	sheet := page.For(p.out)
	a.Lay(sheet, time.Local)
	_, err = sheet.WriteTo(p.out)
	return err
}

// settle takes the daemon's answer if it is about the Deployment that is
// meant, and judges afresh if there is none.
func (p *program) settle(cmd *cobra.Command, q question, kubeconfig, server string, a *explain.Answer, asked error) (*explain.Answer, error) {
	ctx := cmd.Context()
	if a != nil {
		client, where, err := connect(kubeconfig)
		if err != nil {
			return a, nil
		}
		another, err := otherCluster(ctx, client, a)
		if err != nil {
			a.Notes = append(a.Notes, fmt.Sprintf("not checked to be about the cluster of %s: %v", where, err))
			return a, nil
		}
		if !another {
			return a, nil
		}
		asked = fmt.Errorf("the undog at %s watches another cluster (%s) than that of %s", server, a.Cluster, where)
	} else {
		asked = unanswered(server, asked)
	}
	// Only judging takes the whole file.
	path, err := cmd.Flags().GetString(config.FileFlag)
	if err != nil {
		return nil, fmt.Errorf("read flag: %w", err)
	}
	loaded, err := config.Load(config.Options{Path: path, Flags: cmd.Flags(), Compilers: compilers})
	if err != nil {
		return nil, fmt.Errorf("%w, and it cannot be judged afresh either: %w", asked, configError(err))
	}
	client, where, err := connect(loaded.Config.Kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("%w, and the cluster cannot be asked either: %w", asked, err)
	}
	within, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	fresh, err := app.Afresh(within, client, loaded.Config, q.namespace, q.name)
	if err != nil {
		return nil, fmt.Errorf("%w, and judging afresh from the cluster of %s fails: %w", asked, where, err)
	}
	fresh.Source = "judged afresh from the cluster of " + where
	fresh.Notes = append([]string{fmt.Sprintf("%v: judged afresh; what only time shows is missing", asked)}, fresh.Notes...)
	return fresh, nil
}

// unanswered says why the daemon gave no answer.
func unanswered(server string, err error) error {
	var refusal *explain.Refusal
	switch {
	case errors.As(err, &refusal):
		return fmt.Errorf("the undog at %s has no answer: %w", server, refusal)
	case server == "":
		return fmt.Errorf("it is not known where an undog listens: %w", err)
	}
	return err
}

// readWithin is how long a cluster may take to be read.
const readWithin = 30 * time.Second

// otherCluster tells whether the cluster at hand has another Deployment of the
// name, or none.
func otherCluster(ctx context.Context, client api.Interface, a *explain.Answer) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	var d *appsv1.Deployment
	d, err := client.Deployments(a.Workload.Namespace).Get(ctx, a.Workload.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("get deployment %s: %w", a.Workload, err)
	}
	return string(d.UID) != a.Workload.UID, nil
}

// connect makes a client for a cluster and says where it was named.
func connect(kubeconfig string) (client api.Interface, where string, err error) {
	rest, where, err := kube.Config(kubeconfig)
	if err != nil {
		return nil, "", err
	}
	rest.UserAgent = "undog/" + readBuild().Version
	c, err := api.New(rest)
	if err != nil {
		return nil, "", err
	}
	return c, where, nil
}

func kubeconfigUsage() string {
	return "kubeconfig `file`; empty is in-cluster when in a pod, else kubectl's own rules [$" + kubeconfigEnv + "]"
}
