package sim

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
	"github.com/undog-dev/undog/watcher"
)

// Engine is policy.Engine, or something like it.
type Engine interface {
	Step(in policy.Input) policy.Ready
}

// Executor is rollback.Executor, or something like it.
type Executor interface {
	Do(ctx context.Context, d policy.Decision) policy.Outcome
	Compare(ctx context.Context, d policy.Decision) policy.Comparison
}

// Parts wraps undog's parts. A nil function leaves its part as it is.
type Parts struct {
	Engine    func(Engine) Engine
	Executor  func(Executor) Executor
	Transport func(http.RoundTripper) http.RoundTripper
	Ledger    func(rollback.Ledger) rollback.Ledger
}

// undog is one process, from its start to its death.
type undog struct {
	sim  *simulation
	name string
	dead bool
	// leads says that it is the one that acts; without an election each does.
	leads    bool
	state    *watcher.State
	engine   Engine
	executor Executor
	feeds    []*feed
	// wakeAt is the engine's alarm, due the watcher's.
	wakeAt, due time.Time
	taking      bool
	// ahead is how far its clock is ahead of everybody else's.
	ahead time.Duration
	// began is how far it was ahead when the process started.
	began time.Duration
	// off is ahead as the last answer of the API server showed it.
	off time.Duration
	// away is until when no request reaches the API server.
	away time.Time
	// waiting holds, by workload, the decisions to carry out; the first is
	// being carried out.
	waiting map[string][]policy.Decision
	running map[string]*action
}

// boot starts a process and has it list what there is.
func (s *simulation) boot(name string) (*undog, error) {
	u := &undog{
		sim: s, name: name, leads: !s.turns.elected, ahead: s.ahead[name], began: s.ahead[name], state: watcher.NewState(watcher.Options{DecodeRecord: ledger.Decode}),
		waiting: map[string][]policy.Decision{}, running: map[string]*action{},
	}
	u.engine = wrap[Engine](s.parts.Engine, policy.New(s.settings))
	if !u.leads {
		u.engine.Step(policy.Leadership{At: u.now()})
	}
	var err error
	if u.executor, err = u.newExecutor(); err != nil {
		return nil, err
	}
	w := s.world
	tables := []int{0, 1, 2, 3}
	s.faults.rand.Shuffle(len(tables), func(i, j int) { tables[i], tables[j] = tables[j], tables[i] })
	for _, t := range s.tables() {
		u.feeds = append(u.feeds, &feed{undog: u, table: t, cache: map[string]metav1.Object{}})
	}
	for _, i := range tables {
		u.after(s.faults.latency(), func() {
			u.feeds[i].list()
			u.takeSoon()
		})
	}
	s.lookBack()
	s.trace("%s starts at version %d", name, w.Deployments.Len())
	return u, nil
}

func wrap[T any](f func(T) T, part T) T {
	if f == nil {
		return part
	}
	return f(part)
}

// newExecutor makes the executor with its clients and its ledger.
func (u *undog) newExecutor() (Executor, error) {
	client := &http.Client{Transport: wrap[http.RoundTripper](u.sim.parts.Transport, &transport{sim: u.sim})}
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
		return nil, err
	}
	ex, err := rollback.New(rollback.Options{
		Apps: apps, Core: core, Ledger: wrap[rollback.Ledger](u.sim.parts.Ledger, store),
		MayAct: func() bool { return !u.dead && u.leads }, Now: u.now, ClockOff: u.clockOff,
		// Real time must not matter: nothing here takes any.
		Timeout: 24 * time.Hour,
	})
	if err != nil {
		return nil, fmt.Errorf("make the executor of %s: %w", u.name, err)
	}
	return wrap[Executor](u.sim.parts.Executor, ex), nil
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

// now is the time by the process's own clock.
func (u *undog) now() time.Time { return u.sim.world.Clock.Now().Add(u.ahead) }

// clockOff is what the process knows of that: by how much its clock was set, or
// how far it is from the API server's.
func (u *undog) clockOff() time.Duration {
	if by := u.ahead - u.began; by != 0 {
		return by
	}
	return u.off
}

// after is Clock.After for as long as the process lives.
func (u *undog) after(d time.Duration, what func()) {
	u.sim.world.Clock.After(d, func() {
		if !u.dead {
			what()
		}
	})
}

// die ends the process where it stands.
func (u *undog) die() {
	u.dead = true
	for _, uid := range sortedKeys(u.running) {
		u.running[uid].stop()
	}
	u.sim.trace("%s dies", u.name)
}
