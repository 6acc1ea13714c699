package app

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/cel"
	"github.com/undog-dev/undog/policy/freeze"
)

// settings compiles a configuration into what the engine works with.
func settings(cfg *config.Config) (policy.Settings, error) {
	s := policy.Settings{
		Cluster: cfg.Cluster, Mode: cfg.Mode,
		Brake: policy.Brake{Rollouts: cfg.Brake.Rollouts, Window: time.Duration(cfg.Brake.Within)},
	}
	var errs []error
	for _, p := range cfg.Policies {
		compiled, err := compile(p)
		if err != nil {
			errs = append(errs, fmt.Errorf("compile policy %s: %w", p.Name, err))
		}
		s.Policies = append(s.Policies, compiled)
	}
	checked, err := compileChecks(cfg)
	if err := errors.Join(append(errs, err)...); err != nil {
		return policy.Settings{}, err
	}
	s.Checks = checked
	return s, nil
}

// compile makes one policy of its texts.
func compile(p config.Policy) (policy.Policy, error) {
	match, err := matcher(p.Match.Namespaces, p.Match.Selector)
	errs := []error{err}
	var windows []freeze.Window
	for _, w := range p.Freeze {
		window, err := w.Parse()
		if err != nil {
			errs = append(errs, fmt.Errorf("freeze window %s: %w", w.Name, err))
		}
		windows = append(windows, window)
	}
	when := make(map[string]policy.Predicate, len(p.Rules))
	for _, r := range p.Rules {
		predicate, err := cel.Compile(r.When)
		if err != nil {
			errs = append(errs, fmt.Errorf("rule for %s: %w", r.Reason, err))
		}
		when[r.Reason] = predicate
	}
	return policy.Policy{
		Name: p.Name, Match: match, Action: p.Action,
		Bake: time.Duration(p.Bake), ReadyWithin: time.Duration(p.ReadyWithin), Provisional: p.ProvisionalTargets, Budget: float64(p.FalseRollbackBudget),
		Frozen: freeze.Frozen(windows), When: when, Without: p.Without,
	}, errors.Join(errs...)
}

// matcher tells whether a workload is in one of the namespaces and has labels
// that the selector wants; empty ones match everything.
func matcher(namespaces []string, selector string) (func(string, policy.Labels) bool, error) {
	sel, err := labels.Parse(selector)
	if err != nil {
		return nil, fmt.Errorf("selector %q: %w", selector, err)
	}
	return func(namespace string, set policy.Labels) bool {
		return (len(namespaces) == 0 || slices.Contains(namespaces, namespace)) && sel.Matches(set)
	}, nil
}

// watched tells which Deployments undog looks at: those in the namespaces that
// were named or, without any, in all but kube-* and undog's own.
func watched(cfg *config.Config, own string) (func(string, policy.Labels) bool, error) {
	match, err := matcher(cfg.Watch.Namespaces, cfg.Watch.Selector)
	if err != nil {
		return nil, fmt.Errorf("compile watch: %w", err)
	}
	if len(cfg.Watch.Namespaces) > 0 {
		return match, nil
	}
	return func(namespace string, set policy.Labels) bool {
		return !strings.HasPrefix(namespace, "kube-") && (own == "" || namespace != own) && match(namespace, set)
	}, nil
}
