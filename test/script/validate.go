package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// checker collects errors, each with the path of its value.
type checker struct{ errs []error }

func (c *checker) addf(path, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
}

func (c *checker) duration(path string, d Duration) {
	if problem := d.Problem(); problem != "" {
		c.addf(path, "%s", problem)
	}
}

func (c *checker) share(path string, share float64) {
	if share < 0 || share > 1 {
		c.addf(path, "%v is not a share: give a number from 0 to 1", share)
	}
}

func oneOf[T ~string](c *checker, path string, value T, allowed ...T) {
	if value == "" || slices.Contains(allowed, value) {
		return
	}
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = string(a)
	}
	c.addf(path, "%q is unknown: use one of %s", value, strings.Join(names, ", "))
}

func join(path, field string) string {
	if path == "" {
		return field
	}
	return path + "." + field
}

// Validate reports every error of the script.
func (s *Script) Validate() error {
	c := &checker{}
	s.BackOff.validate(c, "backOff")
	for i, n := range s.Nodes {
		path := fmt.Sprintf("nodes[%d]", i)
		if n.Node == "" {
			c.addf(path+".node", "is empty: name a node")
		}
		c.duration(path+".after", n.After)
		c.duration(path+".for", n.For)
		c.duration(path+".evictAfter", n.EvictAfter)
	}
	for i := range s.Rules {
		s.Rules[i].validate(c, fmt.Sprintf("rules[%d]", i))
	}
	return errors.Join(c.errs...)
}

func (b BackOff) validate(c *checker, path string) {
	c.duration(path+".base", b.Base)
	c.duration(path+".max", b.Max)
	c.duration(path+".retry", b.Retry)
}

func (r *Rule) validate(c *checker, path string) {
	oneOf(c, path+".per", r.Per, ScopePod, ScopeRevision)
	if _, _, err := parseOrdinals(r.Match.Ordinals); err != nil {
		c.addf(path+".match.ordinals", "%v", err)
	}
	c.share(path+".match.chance", r.Match.Chance)
	if r.Play.Container != "" {
		c.addf(path+".play.container", "%q belongs into match.container in a rule", r.Play.Container)
	}
	r.Play.validate(c, path+".play")
}

func (p *Play) validate(c *checker, path string) {
	c.duration(join(path, "start"), p.Start)
	c.duration(join(path, "stop"), p.Stop)
	c.share(join(path, "jitter"), p.Jitter)
	oneOf(c, join(path, "then"), p.Then, ThenRepeat, ThenRun, ThenHang)
	if p.Then == ThenRepeat && len(p.Exits) == 0 {
		c.addf(join(path, "then"), "repeat has nothing to repeat: give exits")
	}
	if p.Fail != nil {
		p.Fail.validate(c, join(path, "fail"))
	}
	for i, e := range p.Exits {
		e.validate(c, fmt.Sprintf("%s[%d]", join(path, "exits"), i))
	}
	for i, line := range p.Log {
		if strings.ContainsAny(line, "\r\n") {
			c.addf(fmt.Sprintf("%s[%d]", join(path, "log"), i), "%q is more than a line: make it several", line)
		}
	}
	if p.Ready != nil {
		p.Ready.validate(c, join(path, "ready"))
	}
	if p.HTTP != nil {
		p.HTTP.validate(c, join(path, "http"))
	}
	if p.Evict != nil {
		c.duration(join(path, "evict.after"), p.Evict.After)
		oneOf(c, join(path, "evict.reason"), p.Evict.Reason, EvictReasons...)
	}
	if p.BackOff != nil {
		p.BackOff.validate(c, join(path, "backOff"))
	}
}

func (e Exit) validate(c *checker, path string) {
	c.duration(path+".after", e.After)
	oneOf(c, path+".probe", e.Probe, ProbeLiveness, ProbeStartup)
	if e.Times < 0 {
		c.addf(path+".times", "%d is negative: give how often, or 0 for once", e.Times)
	}
	if e.Code != nil && (*e.Code < 0 || *e.Code > 255) {
		c.addf(path+".code", "%d is not an exit code: give 0 to 255", *e.Code)
	}
}

func (r *Ready) validate(c *checker, path string) {
	c.duration(path+".after", r.After)
	c.duration(path+".loop", r.Loop)
	if r.Never && (r.After.Duration > 0 || len(r.Flips) > 0) {
		c.addf(path+".never", "excludes after and flips: keep one")
	}
	if len(r.Flips) > 0 && r.After.Duration > 0 {
		c.addf(path+".flips", "excludes after: begin with a flip instead")
	}
	if r.Loop.Duration > 0 && len(r.Flips) == 0 {
		c.addf(path+".loop", "has nothing to repeat: give flips")
	}
	last := Duration{}
	for i, f := range r.Flips {
		at := fmt.Sprintf("%s.flips[%d].at", path, i)
		c.duration(at, f.At)
		if i > 0 && f.At.Duration <= last.Duration {
			c.addf(at, "%v is not after the flip before it", f.At)
		}
		last = f.At
	}
	if r.Loop.Duration > 0 && r.Loop.Duration <= last.Duration {
		c.addf(path+".loop", "%v is not after the last flip", r.Loop)
	}
}
