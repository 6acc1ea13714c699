package runner

import (
	"context"
	"errors"
	"time"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/execute"
	"github.com/undog-dev/undog/watcher/check/logs"
	"github.com/undog-dev/undog/watcher/check/metric"
	"github.com/undog-dev/undog/watcher/check/play"
)

// kind plays one kind of check. Pods of the sample need no nodes.
type kind interface {
	sample(ctx context.Context, d *policy.Decision, now, old []watched) (check.Sample, error)
}

// kindOf makes a check ready.
func (r *Runner) kindOf(c *check.Check) (kind, error) {
	switch {
	case c.Exec != nil:
		if r.o.Commands == nil {
			return nil, errors.New("commands cannot be run here")
		}
		command, err := execute.New(*c, r.o.Commands)
		return &commanded{r, command}, err
	case c.Log != nil:
		if r.o.Logs == nil {
			return nil, errors.New("logs cannot be read here")
		}
		written, err := logs.New(*c, r.o.Logs)
		return &logged{r, written}, err
	case c.Metric != nil:
		if r.o.Metrics == nil {
			return nil, errors.New("there is no metrics server to ask; set prometheus.url")
		}
		measured, err := metric.New(*c, r.o.Metrics)
		return &counted{measured}, err
	}
	player, err := play.New(*c, r.o.Compile)
	return &web{runner: r, check: c, player: player}, err
}

// commanded runs a command in a pod of each side whose turn it is.
type commanded struct {
	runner *Runner
	check  *execute.Check
}

func (k *commanded) sample(ctx context.Context, d *policy.Decision, now, old []watched) (check.Sample, error) {
	c, err := k.runner.cast(ctx, d, now, old)
	if err != nil {
		return check.Sample{}, err
	}
	defer k.runner.roster.free(c.choice)
	return k.check.Sample(ctx, time.Now(), c.fresh(), c.Old), nil
}

// logged reads what pods have written. Nothing is sent to them, so that they
// need not be free, and always the same ones are looked at.
type logged struct {
	runner *Runner
	check  *logs.Check
}

func (k *logged) sample(ctx context.Context, d *policy.Decision, now, old []watched) (check.Sample, error) {
	fresh, err := k.runner.company(ctx, d, now)
	if err != nil {
		return check.Sample{}, err
	}
	if len(fresh) == 0 {
		return check.Sample{}, &unable{check.ReasonNoPod, errNoPod}
	}
	before, err := k.runner.company(ctx, d, old)
	if err != nil {
		return check.Sample{}, err
	}
	return k.check.Sample(ctx, time.Now(), fresh, before), nil
}

// counted asks a server about pods, and none of them.
type counted struct{ check *metric.Check }

func (k *counted) sample(ctx context.Context, d *policy.Decision, now, old []watched) (check.Sample, error) {
	return k.check.Sample(ctx, time.Now(), metric.Workload{Namespace: d.Workload.Namespace, Name: d.Workload.Name},
		revision(d.From, now), revision(d.To, old)), nil
}

func revision(r policy.RevisionRef, pods []watched) metric.Revision {
	out := metric.Revision{UID: r.UID, ReplicaSet: r.Name, Hash: r.Hash}
	for _, p := range pods {
		out.Pods = append(out.Pods, metric.Pod{Name: p.Name, Node: p.Node})
	}
	return out
}
