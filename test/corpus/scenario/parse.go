package scenario

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	utiljson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// Parse reads a scenario and completes it. Unknown and repeated keys are errors.
func Parse(raw []byte) (*Scenario, error) {
	var s Scenario
	converted, err := yaml.YAMLToJSONStrict(raw)
	if err != nil {
		return nil, fmt.Errorf("parse scenario: read YAML: %w", err)
	}
	strict, err := utiljson.UnmarshalStrict(converted, &s)
	if err = errors.Join(append(strict, err)...); err != nil {
		return nil, fmt.Errorf("parse scenario: decode: %w", err)
	}
	s.complete()
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("parse scenario: %w", err)
	}
	return &s, nil
}

// LoadAll reads every scenario of a directory, sorted by ID.
func LoadAll(dir fs.FS) ([]*Scenario, error) {
	files, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list scenarios: %w", err)
	}
	var out []*Scenario
	var errs []error
	seen := map[string]string{}
	for _, file := range files {
		raw, err := fs.ReadFile(dir, file)
		if err != nil {
			return nil, fmt.Errorf("read scenario: %w", err)
		}
		s, err := Parse(raw)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", file, err))
			continue
		}
		if !strings.HasPrefix(path.Base(file), s.ID+"-") {
			errs = append(errs, fmt.Errorf("%s: id: %q is not how the file's name begins: rename one", file, s.ID))
		}
		if other, twice := seen[s.ID]; twice {
			errs = append(errs, fmt.Errorf("%s: id: %q is that of %s as well: choose another", file, s.ID, other))
		}
		seen[s.ID] = file
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *Scenario) int { return strings.Compare(a.ID, b.ID) })
	return out, errors.Join(errs...)
}

// complete turns the short forms into the long ones.
func (s *Scenario) complete() {
	if len(s.Workloads) == 0 {
		w := Workload{Name: DefaultWorkload, Revisions: map[string]Revision{"v1": {}, "v2": {}}}
		if s.Old != nil {
			w.Revisions["v1"] = *s.Old
		}
		if s.New != nil {
			w.Revisions["v2"] = *s.New
		}
		s.Workloads, s.Old, s.New = []Workload{w}, nil, nil
	}
	for i := range s.Workloads {
		w := &s.Workloads[i]
		if _, two := w.Revisions["v2"]; two && !s.released(w.Name) && !w.First {
			s.Events = append(s.Events, Step{Workload: w.Name, Action: Action{Release: "v2"}})
		}
		if w.First {
			s.Events = append(s.Events, Step{Workload: w.Name, Action: Action{Release: "v1"}})
		}
	}
	for i := range s.Expect {
		if s.Expect[i].Workload == "" {
			s.Expect[i].Workload = DefaultWorkload
		}
	}
}

// released tells whether the timeline itself releases something to a workload.
func (s *Scenario) released(workload string) bool {
	return slices.ContainsFunc(s.Events, func(e Step) bool {
		return e.About() == workload && e.Since == "" && (e.Release != "" || e.Restart || e.Undo)
	})
}

// jsonOf is the JSON of a patch.
func jsonOf(patch map[string]any) ([]byte, error) {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(patch); err != nil {
		return nil, fmt.Errorf("encode patch: %w", err)
	}
	return b.Bytes(), nil
}
