package config

import (
	"fmt"
	"slices"
	"strings"
)

// Warnings lists what a configuration allows and its author likely did not mean.
func Warnings(c *Config) []string {
	var warnings []string
	if c.NATS.Credentials != "" && c.NATS.URL == "" {
		warnings = append(warnings, "nats.credentials is not used: without nats.url the server inside undog is taken, which asks for none")
	}
	all := -1
	for i, p := range c.Policies {
		if all >= 0 {
			warnings = append(warnings, fmt.Sprintf("policies[%d] (%s) never applies: policies[%d] (%s) before it matches everything", i, p.Name, all, c.Policies[all].Name))
			continue
		}
		if p.Match.all() {
			all = i
		}
		for _, namespace := range p.Match.Namespaces {
			if len(c.Watch.Namespaces) > 0 && !slices.Contains(c.Watch.Namespaces, namespace) {
				warnings = append(warnings, fmt.Sprintf("policies[%d] (%s) names the namespace %s, which watch.namespaces leaves out", i, p.Name, namespace))
			}
		}
	}
	return warnings
}

// misnamed reports variables that are named after a flag where the key's name
// differs. It cannot report every unknown one: a Service called undog makes
// Kubernetes set UNDOG_PORT and more.
func misnamed(o Options) []string {
	var warnings []string
	for _, s := range settings {
		name := "UNDOG_" + strings.ToUpper(strings.ReplaceAll(s.Flag, "-", "_"))
		if name != s.Env() && lookup(o, name) != "" {
			warnings = append(warnings, fmt.Sprintf("environment variable %s is not read; the name is %s", name, s.Env()))
		}
	}
	return warnings
}
