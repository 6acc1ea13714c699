package scenario

import (
	"fmt"
	"maps"

	"sigs.k8s.io/yaml"

	"github.com/undog-dev/undog/config"
)

// ConfigText is what the scenario's checks and personas are in a
// configuration, "" if there are none. They are limited to a namespace, and
// their names begin with the prefix.
func (s *Scenario) ConfigText(namespace, prefix string) (string, error) {
	if len(s.Checks) == 0 {
		return "", nil
	}
	out := map[string]any{}
	var checks, personas []map[string]any
	for _, c := range s.Checks {
		c = renamed(c, prefix, "name", "persona")
		match := map[string]any{}
		if own, ok := c["match"].(map[string]any); ok {
			maps.Copy(match, own)
		}
		match["namespaces"] = []string{namespace}
		c["match"] = match
		checks = append(checks, c)
	}
	for _, p := range s.Personas {
		p = renamed(p, prefix, "name")
		if own, ok := p["secret"].(map[string]any); ok {
			p["secret"] = map[string]any{"namespace": namespace, "name": own["name"]}
		}
		personas = append(personas, p)
	}
	out["checks"] = checks
	if len(personas) > 0 {
		out["personas"] = personas
	}
	text, err := yaml.Marshal(out)
	if err != nil {
		return "", fmt.Errorf("write checks: %w", err)
	}
	return string(text), nil
}

// renamed copies an item with a prefix before the texts under some keys.
func renamed(item map[string]any, prefix string, keys ...string) map[string]any {
	item = maps.Clone(item)
	for _, key := range keys {
		if name, ok := item[key].(string); ok && name != "" {
			item[key] = prefix + name
		}
	}
	return item
}

// configNamespace stands for the one that a scenario is played in.
const configNamespace = "shop"

// Config is the configuration with the scenario's checks and personas.
func (s *Scenario) Config() (*config.Config, error) {
	text, err := s.ConfigText(configNamespace, "")
	if err != nil {
		return nil, err
	}
	file, err := config.Parse(s.ID, []byte(text), config.Compilers{})
	if err != nil {
		return nil, fmt.Errorf("read checks: %w", err)
	}
	return &file.Config, nil
}
