package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
)

// meaning writes what a configuration means, in the words of its reader.
func meaning(w io.Writer, file *config.File, now time.Time, warnings []string) error {
	c := &file.Config
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ok\n", file.Name)
	fmt.Fprintf(&b, "cluster %s, mode %s%s\n", c.Cluster, c.Mode, modeMeans(c.Mode))
	fmt.Fprintf(&b, "watches %s\n", scope(c.Watch.Namespaces, c.Watch.Selector, "every namespace but kube-* and undog's own"))
	if c.NATS.URL != "" {
		fmt.Fprintf(&b, "publishes to %s\n", config.Redact(c.NATS.URL))
	} else {
		fmt.Fprintf(&b, "publishes to a NATS server of its own on %s\n", c.NATS.Listen)
	}
	if !c.KubernetesEvents {
		fmt.Fprintf(&b, "writes no Events of Deployments\n")
	}
	if !c.Evidence.Logs {
		fmt.Fprintf(&b, "reads no logs of what failed\n")
	}
	fmt.Fprintf(&b, "answers /livez, /readyz and /metrics on %s%s\n", c.HTTP.Addr, profiled(c.HTTP))
	fmt.Fprintf(&b, "%s\n", brakeMeans(c.Brake))
	fmt.Fprintf(&b, "policies, the first match wins:\n")
	for i, p := range c.Policies {
		builtIn := ""
		if file.Line("policies") == 0 {
			builtIn = " (built in)"
		}
		fmt.Fprintf(&b, "%d. %s%s: %s\n", i+1, p.Name, builtIn, scope(p.Match.Namespaces, p.Match.Selector, "every Deployment watched"))
		fmt.Fprintf(&b, "   %s; good after %s; ready within %s\n", actionMeans(p.Action, c.Mode), p.Bake, readyWithin(p.ReadyWithin))
		fmt.Fprintf(&b, "   budget %s: %s\n", p.FalseRollbackBudget, budgetMeans(p.FalseRollbackBudget))
		lines, odd := frozen(p, now)
		for _, line := range lines {
			fmt.Fprintf(&b, "   %s\n", line)
		}
		for _, text := range odd {
			warnings = append(warnings, fmt.Sprintf("policies[%d] (%s): %s", i, p.Name, text))
		}
		for _, r := range p.Rules {
			fmt.Fprintf(&b, "   %s counts only if %s\n", r.Reason, strings.Join(strings.Fields(r.When), " "))
		}
		if len(p.Without) > 0 {
			fmt.Fprintf(&b, "   vetoes not asked: %s\n", strings.Join(p.Without, ", "))
		}
	}
	if !everyMatched(c) {
		fmt.Fprintf(&b, "Deployments that match none are left alone: they are neither judged nor told of\n")
	}
	checksMean(&b, c)
	for _, warning := range warnings {
		fmt.Fprintf(&b, "warning: %s\n", warning)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// everyMatched tells whether each Deployment watched has a policy for sure.
func everyMatched(c *config.Config) bool {
	in := func(namespace string) bool {
		return slices.ContainsFunc(c.Policies, func(p config.Policy) bool {
			m := p.Match
			return m.Selector == "" && (len(m.Namespaces) == 0 || slices.Contains(m.Namespaces, namespace))
		})
	}
	if len(c.Watch.Namespaces) == 0 {
		return in("")
	}
	return !slices.ContainsFunc(c.Watch.Namespaces, func(namespace string) bool { return !in(namespace) })
}

func scope(namespaces []string, selector, all string) string {
	var parts []string
	if len(namespaces) > 0 {
		parts = append(parts, "Deployments in "+strings.Join(namespaces, ", "))
	} else if selector == "" {
		return all
	} else {
		parts = append(parts, all)
	}
	if selector != "" {
		parts = append(parts, "with labels "+selector)
	}
	return strings.Join(parts, ", ")
}

func modeMeans(m policy.Mode) string {
	if m == policy.Observe {
		return ": decides and publishes, touches no workload"
	}
	return ""
}

func actionMeans(a policy.Action, m policy.Mode) string {
	text := map[policy.Action]string{
		policy.ActionAuto:     "auto: a bad revision is rolled back, or only reported where Argo CD, Flux or an operator keeps the Deployment",
		policy.ActionRollback: "a bad revision is rolled back",
		policy.ActionPause:    "a bad revision's rollout is paused",
		policy.ActionNotify:   "a bad revision is reported",
	}[a]
	if m == policy.Observe && a != policy.ActionNotify {
		return text + " (in mode observe only reported)"
	}
	return text
}

func readyWithin(d config.Duration) string {
	if d == 0 {
		return "a time derived from history and probes"
	}
	return d.String()
}

func brakeMeans(b config.Brake) string {
	if b.Rollouts < 0 {
		return "the fleet brake is off"
	}
	return fmt.Sprintf("holds everything when more than %d unrelated Deployments go bad within %s", b.Rollouts, b.Within)
}

func budgetMeans(f config.Fraction) string {
	if n := 1 / float64(f); math.Abs(n-math.Round(n)) < 1e-6*n {
		return "statistics convict at most 1 good revision in " + strconv.FormatFloat(math.Round(n), 'f', -1, 64)
	}
	return "statistics convict a good revision at most with this probability"
}

// profiled adds that profiles are served, if they are.
func profiled(c config.HTTP) string {
	if c.Pprof {
		return ", and to anybody who reaches that /debug/pprof/"
	}
	return ""
}
