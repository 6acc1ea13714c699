package app

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/api"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/execute"
	"github.com/undog-dev/undog/watcher/check/expression"
	"github.com/undog-dev/undog/watcher/check/logs"
	"github.com/undog-dev/undog/watcher/check/metric"
	"github.com/undog-dev/undog/watcher/check/persona"
	"github.com/undog-dev/undog/watcher/check/reach"
	"github.com/undog-dev/undog/watcher/check/runner"
)

// compileChecks makes of the configured checks what the engine needs to know.
func compileChecks(cfg *config.Config) ([]policy.Check, error) {
	var out []policy.Check
	var errs []error
	for i := range cfg.Checks {
		c := &cfg.Checks[i]
		match, err := matcher(c.Match.Namespaces, c.Match.Selector)
		if err != nil {
			errs = append(errs, fmt.Errorf("compile check %s: %w", c.Name, err))
			continue
		}
		out = append(out, policy.Check{Name: c.Name, Match: match, Every: time.Duration(c.Every), Version: version(cfg, c)})
	}
	return out, errors.Join(errs...)
}

// version differs where a check asks something else, or as somebody else.
func version(cfg *config.Config, c *config.Check) string {
	parts := []any{c.Check}
	for i := range cfg.Personas {
		if cfg.Personas[i].Name == c.Persona {
			parts = append(parts, cfg.Personas[i])
		}
	}
	if c.Metric != nil {
		parts = append(parts, cfg.Prometheus)
	}
	raw, err := json.Marshal(parts)
	if err != nil {
		panic(fmt.Sprintf("a check does not encode: %v", err)) // It is texts and numbers.
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// reachBy chooses how pods are reached.
func reachBy(cfg *config.Config, inCluster bool) reach.By {
	switch {
	case cfg.Reach == config.ReachPodIP:
		return reach.PodIP
	case cfg.Reach == config.ReachPortForward || !inCluster:
		return reach.PortForward
	}
	return reach.PodIP
}

// Reaching makes what connects checks to pods. Pods may have loopback addresses
// only outside a cluster: there somebody asked for their addresses by name.
func Reaching(cfg *config.Config, client api.Interface, cluster *rest.Config, inCluster bool) (*reach.Reach, error) {
	return reach.New(reach.Options{
		Pods: client, Config: cluster, By: reachBy(cfg, inCluster), Loopback: !inCluster,
	})
}

// Personas makes a store of the configured personas.
func Personas(cfg *config.Config, client api.Interface) *persona.Store {
	sources := make([]persona.Source, len(cfg.Personas))
	for i, p := range cfg.Personas {
		sources[i] = persona.Source{
			Name: p.Name, Values: p.Values, SecretNamespace: p.Secret.Namespace, SecretName: p.Secret.Name, File: p.File,
		}
	}
	return persona.New(sources, client)
}

// openChecks makes what plays the configured checks, in place of what did before.
func openChecks(cfg *config.Config, c *cluster, watching *watcher.Watcher, before *runner.Runner, log *slog.Logger) (*runner.Runner, error) {
	way, err := Reaching(cfg, c.client, c.rest, c.inCluster)
	if err != nil {
		return nil, err
	}
	commands, err := execute.Over(c.rest)
	if err != nil {
		return nil, err
	}
	var server metric.Asker
	if p := cfg.Prometheus; p.URL != "" {
		if server, err = metric.NewClient(metric.Options{URL: p.URL, TokenFile: p.TokenFile, CAFile: p.CAFile}); err != nil {
			return nil, err
		}
	}
	list := make([]check.Check, len(cfg.Checks))
	versions := make(map[string]string, len(cfg.Checks))
	for i := range cfg.Checks {
		list[i] = cfg.Checks[i].Check
		versions[list[i].Name] = version(cfg, &cfg.Checks[i])
	}
	if len(list) > 0 {
		log.Info("checks are played", "checks", len(list), "reach", string(way.By()))
	}
	return runner.New(runner.Options{
		Checks: list, Compile: expression.Compile, Commands: commands, Logs: logs.Through(c.client), Metrics: server, Pods: watching.Pods, Reach: way, Personas: Personas(cfg, c.client), Log: log.With("component", "checks"),
		AtOnce: watching.AtOnce, Versions: versions, Before: before,
	})
}
