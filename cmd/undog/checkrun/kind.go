package checkrun

import (
	"context"
	"fmt"
	"path"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/execute"
	"github.com/undog-dev/undog/watcher/check/logs"
	"github.com/undog-dev/undog/watcher/check/metric"
)

// sampler plays a check that is no script of requests.
type sampler interface {
	Sample(ctx context.Context, at time.Time, fresh, old []*corev1.Pod) check.Sample
}

// kind makes a check ready that is no script of requests.
func (s *Stage) kind(c *check.Check, chosen *Chosen) (sampler, error) {
	var kind sampler
	var err error
	switch {
	case c.Exec != nil:
		kind, err = execute.New(*c, s.Commands)
	case c.Log != nil:
		kind, err = logs.New(*c, s.Logs)
	default:
		var asking *metric.Check
		asking, err = metric.New(*c, s.Metrics)
		kind = &measured{asking, chosen, c.Metric != nil && c.Metric.Query == ""}
	}
	if err != nil {
		return nil, fmt.Errorf("compile check %s: %w", c.Name, err)
	}
	return kind, nil
}

// measured asks about all pods of the revisions, not about some.
type measured struct {
	check  *metric.Check
	chosen *Chosen
	// counts says that only the second look has something to tell.
	counts bool
}

// Sample is part of sampler. It looks at counters twice, as far apart as the
// check asks for.
func (m *measured) Sample(ctx context.Context, at time.Time, _, _ []*corev1.Pod) check.Sample {
	sample := m.look(ctx, at)
	if !m.counts || sample.Result.Reason != check.ReasonNoData {
		return sample
	}
	wait := time.NewTimer(sample.RetryAfter)
	defer wait.Stop()
	select {
	case at = <-wait.C:
		return m.look(ctx, at)
	case <-ctx.Done():
		return sample
	}
}

func (m *measured) look(ctx context.Context, at time.Time) check.Sample {
	workload := metric.Workload{Namespace: m.chosen.Namespace, Name: path.Base(m.chosen.On)}
	return m.check.Sample(ctx, at, workload, m.chosen.New.asked(), m.chosen.Old.asked())
}

// asked is the group as queries name it; nothing of a nil Group.
func (g *Group) asked() metric.Revision {
	if g == nil {
		return metric.Revision{}
	}
	r := metric.Revision{UID: g.UID, ReplicaSet: g.ReplicaSet, Hash: g.Hash}
	for i := range g.All {
		r.Pods = append(r.Pods, metric.Pod{Name: g.All[i].Name, Node: g.All[i].Spec.NodeName})
	}
	return r
}
