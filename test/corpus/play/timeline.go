package play

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/undog-dev/undog/test/corpus/scenario"
	"github.com/undog-dev/undog/test/corpus/world"
)

// plan plans every step that has a time of its own.
func (p *player) plan() {
	for i := range p.scenario.Events {
		s := &p.scenario.Events[i]
		if s.Since != "" {
			continue
		}
		for n := range max(s.Times, 1) {
			p.at(s.At.Duration+time.Duration(n)*s.Every.Duration, func() { p.do(s) })
		}
	}
}

// follow plans the steps that come after a rollback of a workload.
func (p *player) follow(workload string) {
	for i := range p.scenario.Events {
		s := &p.scenario.Events[i]
		if s.Since == "rollback" && s.About() == workload {
			for n := range max(s.Times, 1) {
				p.clock.After(s.At.Duration+time.Duration(n)*s.Every.Duration, func() { p.do(s) })
			}
		}
	}
}

// do does what a step says to a workload.
func (p *player) do(s *scenario.Step) {
	name := s.About()
	switch {
	case s.Release != "":
		p.tracef("release %s of %s", s.Release, name)
		p.release(name, s.Release, s.By)
	case s.Restart:
		// The template is that of no revision of the file.
		p.result.Workloads[name].released = ""
		p.world.Restart(name)
	case s.Undo:
		p.world.Undo(name)
	case s.Scale != "":
		n, err := scenario.Scaled(s.Scale, p.replicas(p.scenario.Workload(name)))
		p.fail(err)
		p.world.Scale(name, n)
	case s.Pause, s.Resume:
		p.world.Pause(name, s.Pause)
	case s.Annotate != nil:
		p.world.Annotate(name, s.Annotate)
	case s.Delete:
		p.world.Delete(name)
	case s.Disrupt != nil:
		p.world.DisruptPods(name, s.Disrupt.Revision, s.Disrupt.Reason, s.Disrupt.Pods)
	default:
		p.doCluster(s)
	}
}

// doCluster does what a step says to everything else.
func (p *player) doCluster(s *scenario.Step) {
	switch {
	case s.Plays != nil:
		p.world.Play(s.Script(p.cell.Seed))
	case s.ConfigMap != nil, s.Secret != nil:
		p.doConfig(s)
	case s.Quota != nil:
		p.world.Quota(s.Quota.Free)
	case s.Webhook != "":
		p.world.Webhook(s.Webhook)
	case s.PodSecurity != "":
		p.world.PodSecurity(s.PodSecurity)
	case s.Node != nil:
		p.doNode(s.Node)
	case s.Watch != nil:
		if p.undog != nil {
			p.undog.stale(s.Watch.Stale.Duration)
		}
	case s.Away != "", s.Back != "":
		p.world.SetAway(s.Away+s.Back, s.Away != "")
	case s.Forget:
		p.forget()
	case s.Undog != "":
		p.doUndog(s.Undog)
	}
}

func (p *player) doConfig(s *scenario.Step) {
	switch {
	case s.ConfigMap != nil && s.ConfigMap.Gone:
		p.world.Drop(world.ConfigMaps, s.ConfigMap.Name)
	case s.ConfigMap != nil:
		p.world.SetConfigMap(s.ConfigMap.Name, s.ConfigMap.Data, s.ConfigMap.By)
	case s.Secret.Gone:
		p.world.Drop(world.Secrets, s.Secret.Name)
	default:
		p.world.SetSecret(s.Secret.Name, s.Secret.Data)
	}
}

func (p *player) doNode(n *scenario.NodeStep) {
	switch n.Do {
	case "down":
		p.world.NodeDown(n.Name, n.EvictAfter.Duration)
	case "up":
		p.world.NodeUp(n.Name)
	case "cordon", "uncordon":
		p.world.Cordon(n.Name, n.Do == "cordon")
	case "drain":
		p.world.Drain(n.Name)
	case "add":
		p.fail(p.world.AddNode(world.Node{Name: n.Name, CPU: n.CPU, Memory: n.Memory, Pods: n.Pods, Labels: n.Labels}))
	}
}

// forget deletes every ControllerRevision.
func (p *player) forget() {
	records, _ := p.world.List(world.ControllerRevisions)
	for _, o := range records {
		p.world.Drop(world.ControllerRevisions, o.GetName())
	}
}

func (p *player) doUndog(what string) {
	if p.opts.Judges != nil {
		return
	}
	if what != "start" && p.undog != nil {
		p.undog.dead = true
		p.undog = nil
	}
	if what != "stop" {
		p.fail(p.boot())
	}
}

// release applies a revision, and creates the Deployment if there is none.
func (p *player) release(name, revision, by string) {
	w := p.scenario.Workload(name)
	if p.world.Get(world.Deployments, name) == nil {
		p.deploy(w, revision, by)
		return
	}
	t, err := w.Template(revision)
	p.fail(err)
	p.result.Workloads[name].released = revision
	p.world.Apply(name, by, t)
}

func (p *player) replicas(w *scenario.Workload) int32 {
	if w.Replicas > 0 {
		return w.Replicas
	}
	return p.cell.Replicas
}

// defaultHistory is Kubernetes' own revisionHistoryLimit.
const defaultHistory = 10

// deploy creates a Deployment.
func (p *player) deploy(w *scenario.Workload, revision, by string) {
	t, err := w.Template(revision)
	if err != nil {
		p.fail(fmt.Errorf("deploy %s: %w", w.Name, err))
		return
	}
	s := world.Shape{
		Name: w.Name, Replicas: p.replicas(w), MinReady: w.MinReady.Duration, Deadline: scenario.DefaultDeadline,
		History: defaultHistory, Annotations: w.Annotations, Template: t, By: by,
	}
	if w.Deadline.Duration > 0 {
		s.Deadline = w.Deadline.Duration
	}
	if w.History != nil {
		s.History = *w.History
	}
	strategy := p.cell.Strategy
	if w.Strategy != "" {
		strategy = w.Strategy
	}
	switch strategy {
	case scenario.Rolling:
		s.Surge, s.Down = intstr.FromString("25%"), intstr.FromString("25%")
	case scenario.Surge:
		s.Surge, s.Down = intstr.FromInt32(1), intstr.FromInt32(0)
	case scenario.Recreate:
		s.Recreate = true
	}
	p.result.Workloads[w.Name].released = revision
	p.world.Deploy(s)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
