package corpus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/test/corpus/scenario"
	"github.com/undog-dev/undog/test/script"
)

const (
	// tick is how often it is looked whether a scenario has ended.
	tick = time.Second
	// callWithin bounds what one step asks of the API server.
	callWithin = time.Minute
)

// player plays one scenario in one cell.
type player struct {
	host      *host
	dog       *dog
	scenario  *scenario.Scenario
	cell      scenario.Cell
	namespace string
	settle    time.Duration
	tracef    func(format string, args ...any)

	// zero is when 0s is.
	zero time.Time
	// steps are what is still to be done, the next one first.
	steps []step
	eyes  *eyes
	// last is when the last step was done.
	last time.Time
	// released holds, by workload, what was released last.
	released map[string]string
	// followed are the workloads whose rollback has been followed up.
	followed map[string]bool
	undo     []func()
}

// step is one thing to do.
type step struct {
	at   time.Time
	what string
	do   func(ctx context.Context) error
}

// play plays, and says what came of it.
func (p *player) play(ctx context.Context, short bool) (_ *outcome, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() { err = errors.Join(err, p.leave()) }()
	if err := p.prepare(ctx); err != nil {
		return nil, err
	}
	if short {
		if err := p.awaitProof(ctx); err != nil {
			return nil, err
		}
	}
	p.plan()
	if err := p.follow(ctx); err != nil {
		return nil, err
	}
	return p.outcome(ctx)
}

// prepare makes the namespace, and the first revisions in it.
func (p *player) prepare(ctx context.Context) error {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: p.namespace}}
	if _, err := p.host.admin.CoreV1().Namespaces().Create(ctx, ns, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("make namespace: %w", err)
	}
	if err := p.awaitAccount(ctx); err != nil {
		return err
	}
	for _, name := range sorted(p.scenario.ConfigMaps) {
		if err := p.setConfigMap(ctx, &scenario.Object{Name: name, Data: p.scenario.ConfigMaps[name]}); err != nil {
			return err
		}
	}
	for _, name := range sorted(p.scenario.Secrets) {
		if err := p.setSecret(ctx, &scenario.Object{Name: name, Data: p.scenario.Secrets[name]}); err != nil {
			return err
		}
	}
	for _, name := range p.scenario.ServiceAccounts {
		account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if _, err := p.host.admin.CoreV1().ServiceAccounts(p.namespace).Create(ctx, account, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("make service account: %w", err)
		}
	}
	if err := p.grantPersonas(ctx); err != nil {
		return err
	}
	if err := p.addScript(p.scenario.Script(p.cell.Seed)); err != nil {
		return err
	}
	var err error
	if p.eyes, err = open(ctx, p.host.admin, p.namespace); err != nil {
		return err
	}
	p.zero = time.Now().Add(p.scenario.LeadFor())
	for i := range p.scenario.Workloads {
		if w := &p.scenario.Workloads[i]; !w.First {
			if err := p.deploy(ctx, w, "v1", ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// awaitAccount waits for the service account that pods need.
func (p *player) awaitAccount(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	err := wait.PollUntilContextCancel(ctx, 100*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		_, err := p.host.admin.CoreV1().ServiceAccounts(p.namespace).Get(ctx, "default", metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		return fmt.Errorf("wait for service account default: %w", err)
	}
	return nil
}

// addScript has the kubelet play a script in this namespace only.
func (p *player) addScript(s *script.Script) error {
	for i := range s.Rules {
		s.Rules[i].Match.Namespaces = []string{p.namespace}
	}
	remove, err := p.host.kubelet.Add(s)
	if err != nil {
		return err
	}
	p.undo = append(p.undo, remove)
	return nil
}

// leave removes what still goes on.
func (p *player) leave() error {
	ctx, cancel := context.WithTimeout(context.Background(), callWithin)
	defer cancel()
	err := p.host.admin.CoreV1().Namespaces().Delete(ctx, p.namespace, metav1.DeleteOptions{})
	for _, undo := range slices.Backward(p.undo) {
		undo()
	}
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("remove namespace: %w", err)
	}
	return nil
}

// awaitProof waits until the first revisions were found good instead of for
// as long as the scenario says.
func (p *player) awaitProof(ctx context.Context) error {
	for i := range p.scenario.Workloads {
		w := &p.scenario.Workloads[i]
		for !w.First {
			events, changed, err := p.dog.journal.in(p.namespace)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(events, func(e notify.Event) bool {
				return e.Data.Workload.Name == w.Name && kind(&e) == goodEvent
			}) {
				break
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return fmt.Errorf("wait for %s to be found good: %w", w.Name, context.Cause(ctx))
			}
		}
	}
	p.zero = time.Now()
	for i := range p.scenario.Events {
		if s := &p.scenario.Events[i]; s.Since == "" {
			p.zero = latest(p.zero, time.Now().Add(-s.At.Duration))
		}
	}
	return nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// plan plans every step that has a time of its own.
func (p *player) plan() {
	if at := p.scenario.UndogAt; at != nil {
		p.add(p.zero.Add(at.Duration), "undog starts", p.dog.start)
	}
	for i := range p.scenario.Events {
		if s := &p.scenario.Events[i]; s.Since == "" {
			p.repeat(p.zero, s)
		}
	}
}

// repeat plans a step as often as it says.
func (p *player) repeat(from time.Time, s *scenario.Step) {
	for n := range max(s.Times, 1) {
		at := from.Add(s.At.Duration + time.Duration(n)*s.Every.Duration)
		p.add(at, describe(s), func(ctx context.Context) error { return p.do(ctx, s) })
	}
}

// add plans one step. Steps of the same time keep their order.
func (p *player) add(at time.Time, what string, do func(ctx context.Context) error) {
	i, _ := slices.BinarySearchFunc(p.steps, at, func(s step, at time.Time) int {
		if s.at.After(at) {
			return 1
		}
		return -1
	})
	p.steps = slices.Insert(p.steps, i, step{at: at, what: what, do: do})
}

// follow does step by step what is planned, until the scenario has ended.
func (p *player) follow(ctx context.Context) error {
	end := p.zero.Add(p.scenario.PlayedFor())
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		p.followUp()
		for len(p.steps) > 0 && !time.Now().Before(p.steps[0].at) {
			next := p.steps[0]
			p.steps = p.steps[1:]
			p.tracef("%s", next.what)
			if err := p.carryOut(ctx, next); err != nil {
				return fmt.Errorf("%s: %w", next.what, err)
			}
		}
		over, err := p.over()
		if err != nil || over || time.Now().After(end) {
			return err
		}
		due := time.NewTimer(p.nextStep())
		select {
		case <-due.C:
		case <-ticker.C:
		case <-p.eyes.rolledBack:
		case <-ctx.Done():
			due.Stop()
			return context.Cause(ctx)
		}
		due.Stop()
	}
}

func (p *player) carryOut(ctx context.Context, s step) error {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	p.last = time.Now()
	return s.do(ctx)
}

// nextStep is how long it is until then.
func (p *player) nextStep() time.Duration {
	if len(p.steps) == 0 {
		return tick
	}
	return time.Until(p.steps[0].at)
}

// followUp plans what comes after a workload's first rollback.
func (p *player) followUp() {
	for i := range p.scenario.Workloads {
		name := p.scenario.Workloads[i].Name
		at := p.eyes.firstRollback(name)
		if at.IsZero() || p.followed[name] {
			continue
		}
		p.followed[name] = true
		p.tracef("%s is rolled back", name)
		for i := range p.scenario.Events {
			if s := &p.scenario.Events[i]; s.Since == "rollback" && s.About() == name {
				p.repeat(at, s)
			}
		}
	}
}
