package script

import (
	"errors"
	"fmt"
	"os"

	utiljson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// Parse reads a script. Unknown and repeated keys are errors.
func Parse(raw []byte) (*Script, error) {
	var s Script
	if err := decode(raw, &s); err != nil {
		return nil, fmt.Errorf("parse script: %w", err)
	}
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("parse script: %w", err)
	}
	return &s, nil
}

// Load reads a script from a file.
func Load(file string) (*Script, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("load script: %w", err)
	}
	s, err := Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", file, err)
	}
	return s, nil
}

// ParsePlay reads the play of an annotation.
func ParsePlay(raw []byte) (*Play, error) {
	var p Play
	if err := decode(raw, &p); err != nil {
		return nil, fmt.Errorf("parse play: %w", err)
	}
	c := &checker{}
	p.validate(c, "")
	if err := errors.Join(c.errs...); err != nil {
		return nil, fmt.Errorf("parse play: %w", err)
	}
	return &p, nil
}

func decode(raw []byte, into any) error {
	converted, err := yaml.YAMLToJSONStrict(raw)
	if err != nil {
		return fmt.Errorf("read YAML: %w", err)
	}
	strict, err := utiljson.UnmarshalStrict(converted, into)
	if err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	return errors.Join(strict...)
}
