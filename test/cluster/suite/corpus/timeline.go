package corpus

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/cluster/scripted"
	"github.com/undog-dev/undog/test/corpus/scenario"
)

// describe is a step as it is written.
func describe(s *scenario.Step) string {
	raw, err := json.Marshal(s)
	if err != nil {
		return "step"
	}
	return string(raw)
}

// do does what a step says to a workload.
func (p *player) do(ctx context.Context, s *scenario.Step) error {
	name := s.About()
	switch {
	case s.Release != "":
		return p.release(ctx, name, s.Release, s.By)
	case s.Restart:
		return p.restart(ctx, name)
	case s.Undo:
		return p.rollBack(ctx, name)
	case s.Scale != "":
		return p.scale(ctx, name, s.Scale)
	case s.Pause, s.Resume:
		return p.patch(ctx, name, kubectl, map[string]any{"spec": map[string]any{"paused": s.Pause}})
	case s.Annotate != nil:
		return p.patch(ctx, name, kubectlAnnotate, map[string]any{"metadata": map[string]any{"annotations": s.Annotate}})
	case s.Delete:
		return p.remove(ctx, name)
	case s.Disrupt != nil:
		return p.disrupt(ctx, name, s.Disrupt)
	}
	return p.doCluster(ctx, s)
}

// doCluster does what a step says to everything else.
func (p *player) doCluster(ctx context.Context, s *scenario.Step) error {
	switch {
	case s.Plays != nil:
		return p.addScript(s.Script(p.cell.Seed))
	case s.ConfigMap != nil:
		return p.setConfigMap(ctx, s.ConfigMap)
	case s.Secret != nil:
		return p.setSecret(ctx, s.Secret)
	case s.Quota != nil:
		return p.setQuota(ctx, s.Quota.Free)
	case s.Webhook != "":
		return p.setWebhook(ctx, s.Webhook)
	case s.PodSecurity != "":
		return p.setPodSecurity(ctx, s.PodSecurity)
	case s.Node != nil:
		return p.doNode(ctx, s.Node)
	case s.Watch != nil:
		stalled := p.dog.proxy.Stall()
		p.undo = append(p.undo, stalled.Release)
		p.add(p.last.Add(s.Watch.Stale.Duration), "the watches go on", func(context.Context) error {
			stalled.Release()
			return nil
		})
		return nil
	case s.Undog != "":
		return p.doUndog(ctx, s.Undog)
	case s.Forget:
		return p.forget(ctx)
	case s.Away != "", s.Back != "":
		p.setAway(s.Away+s.Back, s.Away != "")
		return nil
	}
	return fmt.Errorf("step %s cannot be played on a control plane: teach it to package corpus", describe(s))
}

// setAway says that something that the pods' applications depend on is away, or is
// back. What is away does not outlive the scenario.
func (p *player) setAway(name string, away bool) {
	p.host.kubelet.SetAway(p.namespace, name, away)
	if away {
		p.undo = append(p.undo, func() { p.host.kubelet.SetAway(p.namespace, name, false) })
	}
}

func (p *player) doUndog(ctx context.Context, what string) error {
	if what != "start" {
		if err := p.dog.kill(); err != nil {
			return err
		}
	}
	if what == "stop" {
		return nil
	}
	return p.dog.start(ctx)
}

// forget deletes every ControllerRevision.
func (p *player) forget(ctx context.Context) error {
	err := p.host.admin.AppsV1().ControllerRevisions(p.namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("delete records: %w", err)
	}
	return nil
}

func (p *player) doNode(ctx context.Context, n *scenario.NodeStep) error {
	switch n.Do {
	case "down":
		return p.host.kubelet.SetNodeDown(ctx, n.Name, n.EvictAfter.Duration)
	case "up":
		return p.host.kubelet.SetNodeUp(ctx, n.Name)
	case "cordon", "uncordon":
		return p.cordon(ctx, n.Name, n.Do == "cordon")
	case "drain":
		return p.drain(ctx, n.Name)
	case "add":
		return p.host.kubelet.AddNode(ctx, scripted.Node{Name: n.Name, CPU: n.CPU, Memory: n.Memory, Pods: n.Pods, Labels: n.Labels})
	}
	return fmt.Errorf("node step %q cannot be played on a control plane: teach it to package corpus", n.Do)
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
