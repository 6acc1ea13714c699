package app

import (
	"context"
	"errors"
	"log/slog"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/watcher/check/reach"
)

// checkRight is a right that one check needs beyond what undog has anyway.
type checkRight struct {
	check, namespace string
	right
}

// checkRights lists what the configured checks need: in each namespace that
// they name, in those that are watched otherwise, or in all.
func checkRights(cfg *config.Config, by reach.By) []checkRight {
	var out []checkRight
	for i := range cfg.Checks {
		c := &cfg.Checks[i]
		namespaces := c.Match.Namespaces
		if len(namespaces) == 0 {
			namespaces = cfg.Watch.Namespaces
		}
		if len(namespaces) == 0 {
			namespaces = []string{""}
		}
		add := func(verb, resource, what string) {
			for _, ns := range namespaces {
				out = append(out, checkRight{c.Name, ns, right{verb: verb, resource: resource, what: what}})
			}
		}
		switch {
		case len(c.Steps) > 0 && by == reach.PortForward:
			add("create", "pods/portforward", "to reach pods through the API server (or set reach: podIP)")
		case c.Exec != nil:
			add("create", "pods/exec", "to run the command of a check")
		case c.Log != nil:
			add("get", "pods/log", "to read what a container writes")
		}
		for _, p := range cfg.Personas {
			if p.Name == c.Persona && p.Secret.Name != "" {
				out = append(out, checkRight{c.Name, p.Secret.Namespace, right{
					verb: "get", resource: "secrets", name: p.Secret.Name, what: "to know the persona " + p.Name,
				}})
			}
		}
	}
	return out
}

// warnOfChecks names the checks that will learn nothing for want of a right.
// undog goes on without them.
func warnOfChecks(ctx context.Context, c *cluster, cfg *config.Config, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	for _, need := range checkRights(cfg, reachBy(cfg, c.inCluster)) {
		switch err := allowed(ctx, c.client, need.namespace, need.right); {
		case errors.Is(err, errDenied):
			log.Warn("a check can learn nothing for want of a permission", "check", need.check, "err", err)
		case err != nil:
			log.Warn("cannot tell whether checks have the permissions that they need", "check", need.check, "err", err)
			return
		}
	}
}
