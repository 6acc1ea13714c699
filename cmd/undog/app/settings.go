package app

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
)

// settings compiles a configuration into what the engine works with.
func settings(cfg *config.Config) (policy.Settings, error) {
	s := policy.Settings{Cluster: cfg.Cluster, Mode: cfg.Mode}
	for _, p := range cfg.Policies {
		match, err := matcher(p.Match.Namespaces, p.Match.Selector)
		if err != nil {
			return policy.Settings{}, fmt.Errorf("compile policy %s: %w", p.Name, err)
		}
		s.Policies = append(s.Policies, policy.Policy{
			Name: p.Name, Match: match, Action: p.Action,
			Bake: time.Duration(p.Bake), ReadyWithin: time.Duration(p.ReadyWithin),
		})
	}
	return s, nil
}

// matcher tells whether a workload is in one of the namespaces and has labels
// that the selector wants; empty ones match everything.
func matcher(namespaces []string, selector string) (func(string, map[string]string) bool, error) {
	sel, err := labels.Parse(selector)
	if err != nil {
		return nil, fmt.Errorf("selector %q: %w", selector, err)
	}
	return func(namespace string, set map[string]string) bool {
		return (len(namespaces) == 0 || slices.Contains(namespaces, namespace)) && sel.Matches(labels.Set(set))
	}, nil
}

// watched tells which Deployments undog looks at: those in the namespaces that
// were named or, without any, in all but kube-* and undog's own.
func watched(cfg *config.Config, own string) (func(string, map[string]string) bool, error) {
	match, err := matcher(cfg.Watch.Namespaces, cfg.Watch.Selector)
	if err != nil {
		return nil, fmt.Errorf("compile watch: %w", err)
	}
	if len(cfg.Watch.Namespaces) > 0 {
		return match, nil
	}
	return func(namespace string, set map[string]string) bool {
		return !strings.HasPrefix(namespace, "kube-") && (own == "" || namespace != own) && match(namespace, set)
	}, nil
}
