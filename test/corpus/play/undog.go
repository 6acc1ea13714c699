package play

import (
	"context"
	"fmt"
	"net/http"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/policy/rollback"
	"github.com/undog-dev/undog/test/corpus/world"
	"github.com/undog-dev/undog/watcher"
)

// undog is one process, from its start to its death.
type undog struct {
	player   *player
	dead     bool
	state    *watcher.State
	engine   *policy.Engine
	executor *rollback.Executor
	feeds    map[string]*feed
	checks   *checks
	// wakeAt is the engine's alarm, due the watcher's.
	wakeAt, due time.Time
	taking      bool
	// waiting holds, by workload, the decisions to carry out.
	waiting map[string][]policy.Decision
	busy    map[string]bool
}

// boot starts a process and has it list what there is.
func (p *player) boot() error {
	u := &undog{
		player: p, state: watcher.NewState(watcher.Options{DecodeRecord: ledger.Decode}),
		feeds: map[string]*feed{}, waiting: map[string][]policy.Decision{}, busy: map[string]bool{},
	}
	var err error
	if u.executor, err = u.newExecutor(); err != nil {
		return err
	}
	if u.checks, err = p.newChecks(u); err != nil {
		return err
	}
	settings := p.settings()
	if settings.Checks, err = policies(u.checks.config); err != nil {
		return err
	}
	u.engine = policy.New(settings)
	for _, r := range world.Resources {
		u.feeds[r] = &feed{undog: u, resource: r, cache: map[string]metav1.Object{}}
		u.feeds[r].list()
	}
	p.undog = u
	p.tracef("undog starts")
	u.takeSoon()
	return nil
}

// settings is undog's configuration.
func (p *player) settings() policy.Settings {
	return policy.Settings{Cluster: "corpus", Mode: policy.Enforce, Policies: []policy.Policy{{
		Name: "default", Action: policy.ActionRollback, Bake: p.scenario.BakeFor(),
		ReadyWithin: p.scenario.Policy.ReadyWithin.Duration, Without: p.opts.Without,
	}}}
}

func (u *undog) newExecutor() (*rollback.Executor, error) {
	client := &http.Client{Transport: &transport{player: u.player}}
	apps, err := restClient(client, "/apis", appsv1.SchemeGroupVersion)
	if err != nil {
		return nil, err
	}
	core, err := restClient(client, "/api", corev1.SchemeGroupVersion)
	if err != nil {
		return nil, err
	}
	store, err := ledger.New(ledger.Options{Apps: apps})
	if err != nil {
		return nil, fmt.Errorf("make the ledger: %w", err)
	}
	ex, err := rollback.New(rollback.Options{
		Apps: apps, Core: core, Ledger: store, MayAct: func() bool { return !u.dead }, Now: u.player.now,
		// Real time must not matter: nothing here takes any.
		Timeout: 24 * time.Hour,
	})
	if err != nil {
		return nil, fmt.Errorf("make the executor: %w", err)
	}
	return ex, nil
}

func restClient(client *http.Client, path string, gv schema.GroupVersion) (rest.Interface, error) {
	c, err := rest.RESTClientForConfigAndClient(&rest.Config{
		Host: "http://cluster", APIPath: path, QPS: -1,
		ContentConfig: rest.ContentConfig{GroupVersion: &gv, NegotiatedSerializer: scheme.Codecs.WithoutConversion()},
	}, client)
	if err != nil {
		return nil, fmt.Errorf("make a client of %s: %w", gv, err)
	}
	return c, nil
}

// after is Clock.After for as long as the process lives.
func (u *undog) after(d time.Duration, what func()) {
	u.player.clock.After(d, func() {
		if !u.dead {
			what()
		}
	})
}

// takeSoon has the process look for what changed.
func (u *undog) takeSoon() {
	if u.taking {
		return
	}
	u.taking = true
	u.after(u.player.between(time.Millisecond, 20*time.Millisecond), func() {
		u.taking = false
		u.take()
	})
}

// take steps through what changed.
func (u *undog) take() {
	now := u.player.now()
	for _, in := range u.state.Take(now, 0) {
		u.step(in)
	}
	if due := u.state.Due(); !due.IsZero() && !due.Equal(u.due) {
		// The watcher looks at its clock every now and then.
		u.due = due
		u.after(max(due.Sub(now), 0)+u.player.between(time.Second, 15*time.Second), u.take)
	}
}

// step feeds the engine and passes on what follows, as the daemon's loop does.
func (u *undog) step(in policy.Input) {
	r := u.engine.Step(in)
	for _, t := range r.Transitions {
		u.player.told(t)
	}
	for _, d := range r.Decisions {
		if d.Kind == policy.Play {
			u.checks.play(d)
			continue
		}
		u.player.tracef("decides %s of %s, revision %d to %d", d.Kind, d.Workload.Name, d.From.Number, d.To.Number)
		u.waiting[d.Workload.UID] = append(u.waiting[d.Workload.UID], d)
		u.carryOn(d.Workload.UID)
	}
	u.sleepUntil(r.WakeAt)
}

// sleepUntil sets the one alarm that the process has.
func (u *undog) sleepUntil(at time.Time) {
	if at.Equal(u.wakeAt) {
		return
	}
	u.wakeAt = at
	if at.IsZero() {
		return
	}
	u.after(max(at.Sub(u.player.now()), 0)+u.player.between(0, 20*time.Millisecond), func() {
		if u.wakeAt.Equal(at) {
			u.wakeAt = time.Time{}
			u.step(policy.Wake{At: u.player.now()})
		}
	})
}

// carryOn begins with the next decision about a workload, if none is under way.
func (u *undog) carryOn(uid string) {
	if u.busy[uid] || len(u.waiting[uid]) == 0 {
		return
	}
	d := u.waiting[uid][0]
	u.waiting[uid] = u.waiting[uid][1:]
	u.busy[uid] = true
	u.after(u.player.between(4*time.Millisecond, 60*time.Millisecond), func() {
		var result policy.Input
		if d.Kind == policy.Compare {
			result = u.executor.Compare(context.Background(), d)
		} else {
			o := u.executor.Do(context.Background(), d)
			u.player.tracef("%s of %s ends: %s %s %s", o.Kind, o.Workload.Name, o.Result, o.Reason, o.Message)
			result = o
		}
		u.after(time.Millisecond, func() {
			u.busy[uid] = false
			u.step(result)
			u.carryOn(uid)
		})
	})
}

// stale lets every watch stand still for a while, and says so, as the
// watcher's shell does when its watches break.
func (u *undog) stale(d time.Duration) {
	lost := u.player.now()
	for _, f := range u.feeds {
		f.freeze()
	}
	u.step(policy.Contact{At: lost, Lost: lost})
	u.after(d, func() {
		for _, r := range world.Resources {
			u.feeds[r].relist()
		}
		u.take()
		u.step(policy.Contact{At: u.player.now()})
	})
}
