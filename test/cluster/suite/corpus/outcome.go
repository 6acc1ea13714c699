package corpus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/test/corpus/play"
	"github.com/undog-dev/undog/test/corpus/scenario"
	"github.com/undog-dev/undog/watcher/template"
)

// outcome is what came of a scenario.
type outcome struct {
	workloads map[string]*play.Outcome
	// held is when undog held for the first time, by workload.
	held map[string]time.Duration
	// released is what was released last, by workload.
	released map[string]string
	writes   int
	told     []string
	// problems are what is wrong whatever the scenario expects.
	problems []error
}

// outcome reads what undog did.
func (p *player) outcome(ctx context.Context) (*outcome, error) {
	trace, err := p.host.audit.trace(p.namespace)
	if err != nil {
		return nil, err
	}
	o := &outcome{workloads: map[string]*play.Outcome{}, held: map[string]time.Duration{}, released: p.released, writes: trace.writes}
	for _, what := range trace.refused {
		o.problems = append(o.problems, fmt.Errorf("the shipped rights do not allow undog to %s", what))
	}
	o.problems = append(o.problems, p.eyes.problem)
	for i := range p.scenario.Workloads {
		w := &p.scenario.Workloads[i]
		w1, err := p.workload(ctx, w, trace.undone[w.Name])
		if err != nil {
			return nil, err
		}
		o.workloads[w.Name] = w1
		if n, _ := p.eyes.rollbacks(w.Name); n != len(w1.Undone) {
			o.problems = append(o.problems, fmt.Errorf("%s remembers %d rollbacks, but the audit log has %d", w.Name, n, len(w1.Undone)))
		}
	}
	if p.dog.journal == nil {
		return o, nil
	}
	events, _, err := p.dog.journal.in(p.namespace)
	if err != nil {
		return nil, err
	}
	for i := range events {
		o.hear(&events[i], events[i].Time.Sub(p.zero))
	}
	return o, nil
}

// hear takes in what undog told.
func (o *outcome) hear(e *notify.Event, at time.Duration) {
	name := e.Data.Workload.Name
	o.told = append(o.told, fmt.Sprintf("%8.1fs %s revision %d %s: %s: %s", at.Seconds(), name, e.Data.Revision.Number, kind(e), e.Data.Reason, e.Data.Message))
	w := o.workloads[name]
	if w == nil || at < 0 {
		return
	}
	w.Kinds = with(w.Kinds, kind(e))
	reason, held := holds(e)
	if !held {
		return
	}
	if len(w.Held) == 0 {
		o.held[name] = at
	}
	w.Held = with(w.Held, reason)
}

// holds tells whether undog said that it holds, or convicted and could not
// act, and why.
func holds(e *notify.Event) (reason string, held bool) {
	switch policy.TransitionKind(kind(e)) {
	case policy.RollbackRefused:
		return scenario.Refused + e.Data.Reason, true
	case policy.RolloutHeld:
		if e.Data.Phase.From == string(policy.RollingBack) {
			return scenario.Refused + e.Data.Reason, true
		}
		return e.Data.Reason, true
	default:
		return "", false
	}
}

// with adds an item to a list that has each once.
func with(list []string, item string) []string {
	if slices.Contains(list, item) {
		return list
	}
	return append(list, item)
}

// workload reads what became of one.
func (p *player) workload(ctx context.Context, w *scenario.Workload, undone []time.Time) (*play.Outcome, error) {
	o := &play.Outcome{}
	for _, at := range undone {
		o.Undone = append(o.Undone, at.Sub(p.zero))
	}
	if len(undone) > 0 {
		o.Exposed = p.eyes.exposed(w.Name, undone[0])
	}
	d, err := p.deployments().Get(ctx, w.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		o.Gone = true
		return o, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read deployment: %w", err)
	}
	if o.Final, err = p.final(ctx, w, d); err != nil {
		return nil, err
	}
	o.Reason, err = p.reason(ctx, d)
	return o, err
}

// final is the revision whose template the Deployment has, "" for none of
// them. The API server fills in defaults, so it is asked what it would make of
// each.
func (p *player) final(ctx context.Context, w *scenario.Workload, d *appsv1.Deployment) (string, error) {
	have := template.Hash(&d.Spec.Template)
	for _, name := range sorted(w.Revisions) {
		shape, err := p.shape(w, name)
		if err != nil {
			return "", err
		}
		shape.Name = "dry-" + w.Name
		made, err := p.deployments().Create(ctx, shape, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		if err != nil {
			return "", fmt.Errorf("try revision %s: %w", name, err)
		}
		if template.Hash(&made.Spec.Template) == have {
			return name, nil
		}
	}
	return "", nil
}

// reason is why the first revision was found bad, from the ledger.
func (p *player) reason(ctx context.Context, d *appsv1.Deployment) (string, error) {
	list, err := p.host.admin.AppsV1().ControllerRevisions(p.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return "", fmt.Errorf("read ledger: %w", err)
	}
	var first *policy.Record
	for i := range list.Items {
		if !metav1.IsControlledBy(&list.Items[i], d) {
			continue
		}
		rec, err := ledger.Decode(&list.Items[i])
		if err == nil && rec.Verdict == policy.Bad && (first == nil || rec.At.Before(first.At)) {
			first = &rec
		}
	}
	if first == nil {
		return "", nil
	}
	return first.Reason, nil
}

// check says in which ways the outcome is not what the scenario expects. An
// undo may come later by slack than the scenario says; by how much it did is
// returned.
func (o *outcome) check(s *scenario.Scenario, cell scenario.Cell, slack time.Duration) (late time.Duration, wrong error) {
	expected := *s
	expected.Expect = slices.Clone(s.Expect)
	for i := range expected.Expect {
		e := &expected.Expect[i]
		if e.Verdict != scenario.Rollback {
			if e.Final == "" {
				e.Final = o.released[e.Workload]
			}
			continue
		}
		e.Latest.Duration += slack
	}
	for _, e := range s.Expected(cell) {
		if w := o.workloads[e.Workload]; e.Verdict == scenario.Rollback && len(w.Undone) > 0 {
			late = max(late, w.Undone[0]-e.Latest.Duration)
		}
	}
	result := play.Result{Scenario: &expected, Cell: cell, Workloads: o.workloads}
	return late, errors.Join(append(o.problems, result.Check())...)
}
