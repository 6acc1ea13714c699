package play

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/test/corpus/scenario"
	"github.com/undog-dev/undog/test/corpus/world"
	"github.com/undog-dev/undog/test/sim/apiserver"
	simworld "github.com/undog-dev/undog/test/sim/world"
)

// Options says how to play.
type Options struct {
	Scenario *scenario.Scenario
	Cell     scenario.Cell
	// Without names vetoes that undog does not ask.
	Without []string
	// Judges makes what looks on at one workload; when it is set, undog does not
	// run, since what they would see after its rollback would be its doing.
	Judges func() []Judge
	// Trace, if set, is told of everything that happens.
	Trace func(line string)
}

// Judge is another watchdog. It only looks.
type Judge interface {
	// Name is what the table calls it.
	Name() string
	// Look is called after every change of a workload's objects. It returns
	// true when the judge would roll back now.
	Look(v View) bool
}

// View is a workload's objects at a time.
type View struct {
	At         time.Time
	Deployment *appsv1.Deployment
	// Current is the ReplicaSet of the present template, nil until there is one.
	Current *appsv1.ReplicaSet
	// New are its pods, Old those of all others.
	New, Old []*corev1.Pod
}

// player plays one scenario in one cell.
type player struct {
	opts     Options
	scenario *scenario.Scenario
	cell     scenario.Cell
	rand     *rand.Rand
	clock    *simworld.Clock
	world    *world.World
	api      *apiserver.Server
	undog    *undog
	result   *Result
	// zero is when 0s is.
	zero time.Time
	// closers end what the run has started.
	closers []func() error
	// broken is the first error of the timeline.
	broken error
}

// Run plays, and says what came of it.
func Run(opts Options) (result *Result, err error) {
	p := &player{
		opts: opts, scenario: opts.Scenario, cell: opts.Cell, rand: rand.New(rand.NewPCG(opts.Cell.Seed, 3)),
		clock: simworld.NewClock(), result: newResult(opts),
	}
	p.zero = p.clock.Now().Add(p.scenario.LeadFor())
	p.world = world.New(p.clock, opts.Cell.Seed, p.scenario.Script(opts.Cell.Seed))
	p.api = apiserver.New(p.world)
	p.world.Changed = p.changed
	defer func() {
		for _, c := range p.closers {
			err = errors.Join(err, c())
		}
	}()
	if err := p.prepare(); err != nil {
		return nil, fmt.Errorf("play %s in %s: %w", p.scenario.ID, p.cell, err)
	}
	end := p.zero.Add(p.scenario.PlayedFor())
	for p.broken == nil && p.clock.Step(end) {
	}
	if p.broken != nil {
		return nil, fmt.Errorf("play %s in %s: %w", p.scenario.ID, p.cell, p.broken)
	}
	p.finish()
	return p.result, nil
}

// prepare makes the cluster and plans the timeline.
func (p *player) prepare() error {
	nodes := p.scenario.Nodes
	if len(nodes) == 0 {
		nodes = []scenario.Node{{Name: "node-1"}, {Name: "node-2"}, {Name: "node-3"}}
	}
	for _, n := range nodes {
		if err := p.world.AddNode(world.Node{Name: n.Name, CPU: n.CPU, Memory: n.Memory, Pods: n.Pods, Labels: n.Labels}); err != nil {
			return err
		}
	}
	for _, name := range sortedKeys(p.scenario.ConfigMaps) {
		p.world.SetConfigMap(name, p.scenario.ConfigMaps[name], "")
	}
	for _, name := range sortedKeys(p.scenario.Secrets) {
		p.world.SetSecret(name, p.scenario.Secrets[name])
	}
	for _, name := range p.scenario.ServiceAccounts {
		p.world.AddServiceAccount(name)
	}
	start := -p.scenario.LeadFor()
	if at := p.scenario.UndogAt; at != nil {
		start = at.Duration
	}
	if p.opts.Judges == nil {
		p.at(start, func() { p.fail(p.boot()) })
	}
	for i := range p.scenario.Workloads {
		w := &p.scenario.Workloads[i]
		if !w.First {
			p.at(-p.scenario.LeadFor()+time.Second, func() { p.deploy(w, "v1", "") })
		}
	}
	p.plan()
	return nil
}

// at plans something for a time on the timeline; what is past happens at once.
func (p *player) at(t time.Duration, what func()) {
	p.clock.After(max(p.zero.Add(t).Sub(p.clock.Now()), 0), what)
}

func (p *player) fail(err error) {
	if err != nil && p.broken == nil {
		p.broken = err
	}
}

func (p *player) now() time.Time { return p.clock.Now() }

// between is a random duration.
func (p *player) between(least, most time.Duration) time.Duration {
	return least + time.Duration(p.rand.Int64N(int64(most-least)+1))
}

func (p *player) tracef(format string, args ...any) {
	if p.opts.Trace != nil {
		p.opts.Trace(fmt.Sprintf("%9.3fs ", p.now().Sub(p.zero).Seconds()) + fmt.Sprintf(format, args...))
	}
}

// changed passes a change on to whoever watches.
func (p *player) changed(c world.Change) {
	if p.undog != nil {
		p.undog.feeds[c.Resource].notice(c)
	}
	switch o := c.Object.(type) {
	case *appsv1.Deployment:
		p.noteRollback(o)
		p.look(o.Name)
	case *appsv1.ReplicaSet:
		p.look(o.Labels[scenario.LabelApp])
	case *corev1.Pod:
		p.look(o.Labels[scenario.LabelApp])
	}
}

// told takes in what undog tells.
func (p *player) told(t policy.Transition) {
	p.result.told(p.now().Sub(p.zero), t)
	p.tracef("tells %s, revision %d: %s %s→%s: %s: %s", t.Workload.Name, t.Revision.Number, t.Kind, t.From, t.To, t.Reason, t.Message)
}
