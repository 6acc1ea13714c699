package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/cmd/undog/app"
	"github.com/undog-dev/undog/cmd/undog/checkrun"
	"github.com/undog-dev/undog/cmd/undog/kube"
	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/watcher/api"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/execute"
	"github.com/undog-dev/undog/watcher/check/logs"
	"github.com/undog-dev/undog/watcher/check/metric"
	"github.com/undog-dev/undog/watcher/check/reach"
)

func newCheck(p *program) *cobra.Command {
	group := &cobra.Command{
		Use:   "check",
		Short: "Try the checks of a file",
		Args:  onlyCommands,
		RunE:  showHelp,
	}
	group.AddCommand(newCheckRun(p))
	return group
}

// trying is what undog check run is asked.
type trying struct {
	file, check             string
	namespace               string
	pod, deployment         string
	against                 string
	kubeconfig, reach       string
	lines                   int
	wanted                  checkrun.Wanted
	kubeconfigSet, reachSet bool
}

func newCheckRun(p *program) *cobra.Command {
	var t trying
	cmd := &cobra.Command{
		Use:   "run FILE NAMESPACE/NAME | --pod NAMESPACE/NAME",
		Short: "Play checks now and show what came of it",
		Long: `Play the checks of a file once, now, and show for each request what came back,
what was captured, which expectations hold, what differs between the old
revision and the new one, and what undog would make of it. Nothing is judged or
written; but the steps are really carried out, on each of the pods.

FILE has checks: and personas: as undog's configuration has them; it may be the
whole configuration, or - for the standard input. All checks that match the
Deployment are played, or the one that --check names.

Given a Deployment, a pod of the newest revision is compared with two of the
revision before that has any; with --pod, that pod with those of another
revision of its Deployment. Where there is only one revision, two plays on it
show what is noise. A metric of counters is looked at twice, 15 seconds apart.

The exit code is 0 if all checks passed, 1 if one failed or lost something that
the old revision has, 2 if the file, the command line or what they name is
wrong, and 3 if a check is inconclusive or could not be played.`,
		Example: `  undog check run checks.yaml shop/web
  undog check run checks.yaml shop/web --against 3 --check greeting
  undog check run checks.yaml --pod shop/web-5d8b7f-x2x4z --against none
  undog check run checks.yaml --deployment web -n shop`,
		Args: exactly("FILE", "[NAMESPACE/NAME]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			t.file = args[0]
			t.kubeconfigSet, t.reachSet = cmd.Flags().Changed("kubeconfig"), cmd.Flags().Changed("reach")
			if err := t.read(cmd, args[1:]); err != nil {
				return err
			}
			return p.try(cmd, &t)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&t.deployment, "deployment", "", "`name` of the Deployment to play on, or NAMESPACE/NAME")
	f.StringVar(&t.pod, "pod", "", "`name` of the pod to play on, instead of a Deployment, or NAMESPACE/NAME")
	f.StringVarP(&t.namespace, "namespace", "n", "", "`namespace` of both; empty is that of the kubeconfig")
	f.StringVar(&t.check, "check", "", "`name` of the one check to play, whether or not it matches")
	f.StringVar(&t.against, "against", "", "`revision` to compare with, its number or none; empty is the newest other one that has ready pods")
	f.IntVar(&t.lines, "lines", checkrun.DefaultLines, "how many `lines` of each body to show")
	f.StringVar(&t.kubeconfig, "kubeconfig", "", kubeconfigUsage())
	f.StringVar(&t.reach, "reach", "", "`way` to pods: podIP, portForward or auto; empty is what the file says [$"+reachEnv+"]")
	return cmd
}

var reachEnv = config.Setting{Key: "reach"}.Env()

// read makes sense of the command line.
func (t *trying) read(cmd *cobra.Command, args []string) error {
	switch {
	case (t.pod == "") == (t.deployment == "" && len(args) == 0):
		return usagef(cmd, "name one Deployment, as NAMESPACE/NAME or with --deployment, or one --pod; ")
	case t.lines < 0 || t.lines > maxLines:
		return usagef(cmd, "--lines is %d; write 0 to %d; ", t.lines, maxLines)
	}
	var err error
	if t.pod != "" {
		t.namespace, t.pod, err = named(cmd, "--pod", t.pod, t.namespace)
	} else {
		t.namespace, t.deployment, err = namedOnce(cmd, args, t.deployment, t.namespace)
	}
	if err != nil {
		return err
	}
	t.wanted = checkrun.Wanted{Pod: t.pod, Deployment: t.deployment}
	switch n, err := strconv.ParseInt(t.against, 10, 64); {
	case t.against == "":
	case t.against == "none":
		t.wanted.Against = checkrun.NoRevision
	case err != nil || n < 1:
		return usagef(cmd, "--against is %q; write the number of a revision, or none; ", t.against)
	default:
		t.wanted.Against = n
	}
	return nil
}

// maxLines is more than a body of the default limit needs.
const maxLines = 10000

// try reads the file, chooses the pods, plays and shows.
func (p *program) try(cmd *cobra.Command, t *trying) error {
	ctx := cmd.Context()
	file, err := readConfig(ctx, cmd.InOrStdin(), t.file)
	if err != nil {
		return &ending{exitUsage, configError(err)}
	}
	cfg := &file.Config
	t.overlay(cfg)
	switch cfg.Reach {
	case config.ReachAuto, config.ReachPodIP, config.ReachPortForward:
	default:
		return usagef(cmd, "--reach is %q; write %s, %s or %s; ", cfg.Reach, config.ReachPodIP, config.ReachPortForward, config.ReachAuto)
	}
	results, err := p.play(ctx, t, file)
	if err != nil {
		if errors.Is(err, checkrun.ErrInput) {
			return &ending{exitUsage, err}
		}
		return &ending{exitInconclusive, err}
	}
	return p.show(results, t.lines)
}

// overlay lays the command line and the environment over the file.
func (t *trying) overlay(cfg *config.Config) {
	for _, o := range []struct {
		into  *string
		flag  string
		given bool
		env   string
	}{{&cfg.Kubeconfig, t.kubeconfig, t.kubeconfigSet, kubeconfigEnv}, {&cfg.Reach, t.reach, t.reachSet, reachEnv}} {
		if v := os.Getenv(o.env); v != "" {
			*o.into = v
		}
		if o.given {
			*o.into = o.flag
		}
	}
}

// play chooses the pods and plays all checks, one after the other: a login may
// be limited.
func (p *program) play(ctx context.Context, t *trying, file *config.File) ([]checkrun.Result, error) {
	cfg := &file.Config
	cluster, where, err := kube.Config(cfg.Kubeconfig)
	if err != nil {
		return nil, err
	}
	cluster.UserAgent = "undog/" + readBuild().Version
	client, err := api.New(cluster)
	if err != nil {
		return nil, err
	}
	if t.wanted.Namespace = t.namespace; t.namespace == "" {
		t.wanted.Namespace = kube.Namespace(cfg.Kubeconfig)
	}
	reading, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	chosen, err := checkrun.Choose(reading, client, t.wanted)
	if err != nil {
		return nil, err
	}
	checks, note, err := checkrun.Select(file, t.check, chosen)
	if err != nil {
		return nil, err
	}
	if note != "" {
		_, _ = fmt.Fprintf(p.err, "undog: %s\n", note)
	}
	stage, err := newStage(cfg, checks, client, cluster, where == kube.ServiceAccount)
	if err != nil {
		return nil, err
	}
	for i := range checks {
		if err := missing(reading, client, &checks[i].Check, stage, chosen.Namespace); err != nil {
			return nil, err
		}
	}
	var results []checkrun.Result
	for i := range checks {
		r, err := stage.Play(ctx, &checks[i].Check, chosen)
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, nil
}

// newStage makes what checks are played with, as the daemon has it.
func newStage(cfg *config.Config, checks []config.Check, client api.Interface, cluster *rest.Config, inCluster bool) (*checkrun.Stage, error) {
	way, err := app.Reaching(cfg, client, cluster, inCluster)
	if err != nil {
		return nil, err
	}
	commands, err := execute.Over(cluster)
	if err != nil {
		return nil, fmt.Errorf("build a client for commands: %w", err)
	}
	stage := &checkrun.Stage{
		Way: way, Personas: app.Personas(cfg, client), Compile: compilers.Response, Commands: commands, Logs: logs.Through(client),
	}
	if slices.ContainsFunc(checks, func(c config.Check) bool { return c.Metric != nil }) {
		m := cfg.Prometheus
		if stage.Metrics, err = metric.NewClient(metric.Options{URL: m.URL, TokenFile: m.TokenFile, CAFile: m.CAFile}); err != nil {
			return nil, err
		}
	}
	return stage, nil
}

// missing says which right the check needs that is not there.
func missing(ctx context.Context, client api.Interface, c *check.Check, stage *checkrun.Stage, namespace string) error {
	switch way, ok := stage.Way.(*reach.Reach); {
	case c.Exec != nil:
		return checkrun.Allowed(ctx, client, "create", "pods/exec", namespace)
	case c.Log != nil:
		return checkrun.Allowed(ctx, client, "get", "pods/log", namespace)
	case len(c.Steps) > 0 && ok && way.By() == reach.PortForward:
		if err := checkrun.Allowed(ctx, client, "create", "pods/portforward", namespace); err != nil {
			return fmt.Errorf("%w; or reach pods at their addresses with --reach %s", err, config.ReachPodIP)
		}
	}
	return nil
}

// show writes the results and ends with what the worst one means.
func (p *program) show(results []checkrun.Result, lines int) error {
	sheet := page.For(p.out)
	for i := range results {
		results[i].Lay(sheet, lines)
	}
	if len(results) > 1 {
		checkrun.LaySummary(sheet, results)
	}
	if _, err := sheet.WriteTo(p.out); err != nil {
		return err
	}
	switch checkrun.Worst(results) {
	case check.Failed:
		return &ending{code: exitError}
	case check.Inconclusive:
		return &ending{code: exitInconclusive}
	case check.Passed:
	}
	return nil
}
