package config

import (
	"bytes"

	yaml "go.yaml.in/yaml/v3"
)

// dump writes a configuration as a file that would be read back the same.
func dump(c *Config) string {
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(c); err != nil {
		panic(err)
	}
	return b.String()
}
