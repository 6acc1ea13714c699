package scenario

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/undog-dev/undog/test/script"
)

// checker collects errors, each with the path of its value.
type checker struct{ errs []error }

func (c *checker) addf(path, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
}

func (c *checker) duration(path string, d script.Duration) {
	if problem := d.Problem(); problem != "" {
		c.addf(path, "%s", problem)
	}
}

func oneOf[T ~string](c *checker, path string, value T, allowed ...T) {
	if !slices.Contains(allowed, value) {
		names := make([]string, len(allowed))
		for i, a := range allowed {
			names[i] = string(a)
		}
		c.addf(path, "%q is unknown: use one of %s", value, strings.Join(names, ", "))
	}
}

var idPattern = regexp.MustCompile(`^[BGXY][0-9]{2}$`)

// Validate reports every error of the scenario.
func (s *Scenario) Validate() error {
	c := &checker{}
	if !idPattern.MatchString(s.ID) {
		c.addf("id", "%q is not B, G, X or Y and two digits", s.ID)
	}
	if s.Title == "" {
		c.addf("title", "is empty: say in a few words what happens")
	}
	if s.Why == "" {
		c.addf("why", "is empty: give the reason behind the expected verdict")
	}
	oneOf(c, "class", s.Class, Classes...)
	c.duration("policy.bake", s.Policy.Bake)
	c.duration("policy.readyWithin", s.Policy.ReadyWithin)
	c.duration("lead", s.Lead)
	c.duration("for", s.For)
	if s.Old != nil || s.New != nil {
		c.addf("old", "and new exclude workloads: keep one of the two")
	}
	s.Matrix.validate(c)
	for i := range s.Workloads {
		s.Workloads[i].validate(c, fmt.Sprintf("workloads[%d]", i))
	}
	for i := range s.Events {
		s.validateStep(c, &s.Events[i], fmt.Sprintf("timeline[%d]", i))
	}
	s.validateExpect(c)
	if _, err := s.Config(); err != nil {
		c.addf("checks", "%v", err)
	}
	if err := s.Script(1).Validate(); err != nil {
		c.addf("plays", "%v", err)
	}
	return errors.Join(c.errs...)
}

func (m *Matrix) validate(c *checker) {
	m.Cells.validate(c, "matrix")
	if limited := len(m.Replicas)+len(m.Strategies) > 0; limited != (m.Because != "") {
		c.addf("matrix.because", "%q: a matrix that leaves cells out needs a reason, and only that", m.Because)
	}
}

func (m *Cells) validate(c *checker, path string) {
	for _, n := range m.Replicas {
		if !slices.Contains(Replicas, n) {
			c.addf(path+".replicas", "%d is not in the matrix: use some of %v", n, Replicas)
		}
	}
	for _, s := range m.Strategies {
		oneOf(c, path+".strategies", s, Strategies...)
	}
}

func (w *Workload) validate(c *checker, path string) {
	if w.Name == "" {
		c.addf(path+".name", "is empty: name the workload")
	}
	if w.Strategy != "" {
		oneOf(c, path+".strategy", w.Strategy, Strategies...)
	}
	c.duration(path+".minReady", w.MinReady)
	c.duration(path+".deadline", w.Deadline)
	if _, ok := w.Revisions["v1"]; !ok {
		c.addf(path+".revisions", "has no v1: it is the first one")
	}
	for _, name := range sorted(w.Revisions) {
		r := w.Revisions[name]
		if like, ok := w.Revisions[r.Like]; r.Like != "" && (!ok || like.Like != "") {
			c.addf(path+".revisions."+name+".like", "%q is not a revision that can be likened to", r.Like)
		}
		if _, err := w.Template(name); err != nil {
			c.addf(path+".revisions."+name, "%v", err)
		}
	}
}

func (s *Scenario) validateStep(c *checker, e *Step, path string) {
	if e.At.invalid != "" {
		c.addf(path+".at", "%s is not a time: write it with a unit, such as 20s", e.At.invalid)
	}
	c.duration(path+".every", e.Every)
	if e.Since != "" {
		oneOf(c, path+".since", e.Since, "rollback")
	}
	if names := e.names(); len(names) != 1 {
		c.addf(path, "has the actions [%s]: give exactly one", strings.Join(names, ", "))
	}
	w := s.Workload(e.About())
	if w == nil {
		c.addf(path+".workload", "%q is not one of the workloads", e.About())
		return
	}
	if _, ok := w.Revisions[e.Release]; e.Release != "" && !ok {
		c.addf(path+".release", "%q is not a revision of %s: it has %s", e.Release, w.Name, strings.Join(sorted(w.Revisions), ", "))
	}
	if e.Scale != "" {
		if _, err := Scaled(e.Scale, 1); err != nil {
			c.addf(path+".scale", "%v", err)
		}
	}
	if err := e.Script(1).Validate(); err != nil {
		c.addf(path+".plays", "%v", err)
	}
	e.validate(c, path)
}

func (a *Action) validate(c *checker, path string) {
	if a.Webhook != "" {
		oneOf(c, path+".webhook", a.Webhook, "down", "deny", "up")
	}
	if a.PodSecurity != "" {
		oneOf(c, path+".podSecurity", a.PodSecurity, "privileged", "baseline", "restricted")
	}
	if a.Undog != "" {
		oneOf(c, path+".undog", a.Undog, "restart", "stop", "start")
	}
	if a.Node != nil {
		oneOf(c, path+".node.do", a.Node.Do, "down", "up", "cordon", "uncordon", "drain", "add")
	}
	if a.Disrupt != nil {
		oneOf(c, path+".disrupt.reason", a.Disrupt.Reason, script.EvictReasons...)
	}
	for _, o := range []*Object{a.ConfigMap, a.Secret} {
		if o != nil && o.Name == "" {
			c.addf(path, "names no object: give name")
		}
	}
	if a.Watch != nil {
		c.duration(path+".watch.stale", a.Watch.Stale)
	}
}

func (s *Scenario) validateExpect(c *checker) {
	if len(s.Expect) == 0 {
		c.addf("expect", "is empty: say what undog must do")
	}
	for i, e := range s.Expect {
		path := fmt.Sprintf("expect[%d]", i)
		oneOf(c, path+".verdict", e.Verdict, Rollback, Hold, None)
		c.duration(path+".latest", e.Latest)
		w := s.Workload(e.Workload)
		if w == nil {
			c.addf(path+".workload", "%q is not one of the workloads", e.Workload)
		} else if _, ok := w.Revisions[e.Final]; e.Final != "" && !ok {
			c.addf(path+".final", "%q is not a revision of %s", e.Final, e.Workload)
		}
		if e.Verdict == Hold && len(e.Reasons) == 0 {
			c.addf(path+".reasons", "is empty: a hold needs the reasons that are allowed")
		}
		if (e.Verdict == Rollback) != (e.Latest.Duration > 0) {
			c.addf(path+".latest", "%v: a rollback needs a latest time, and nothing else may have one", e.Latest)
		}
		if e.Cells != nil {
			e.Cells.validate(c, path+".cells")
			if e.Because == "" {
				c.addf(path+".because", "is empty: say why these cells differ")
			}
		}
	}
}

// Scaled is the number of pods that a step asks for.
func Scaled(text string, replicas int32) (int32, error) {
	if times, ok := strings.CutPrefix(text, "x"); ok {
		n, err := strconv.ParseFloat(times, 64)
		if err != nil || n < 0 {
			return 0, fmt.Errorf("%q is not a multiple: write it as in x2", text)
		}
		return int32(n*float64(replicas) + 0.999), nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is not a number of pods: write 10, or x2 for twice the cell's", text)
	}
	return int32(n), nil
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
