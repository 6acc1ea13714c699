package config

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check"
)

// The bounds of checks as a file has them.
const (
	maxChecks   = 100
	maxPersonas = 100
	minEvery    = Duration(time.Second)
	maxEvery    = Duration(time.Hour)
)

// plays checks what is to be played, and by whom.
func (d *decoder) plays() {
	c := &d.file.Config
	wrong := d.wrong()
	people := d.personas(wrong)
	if n := len(c.Checks); n > maxChecks {
		d.at("checks", fmt.Sprintf("are %d; at most %d are played", n, maxChecks))
		return
	}
	first := map[string]int{}
	for i := range c.Checks {
		item := fmt.Sprintf("checks[%d]", i)
		if wrong.at[item] {
			continue // It is not even a mapping.
		}
		p := &c.Checks[i]
		d.script(item, &p.Check, wrong)
		d.player(item, &p.Check, people, wrong)
		if d.file.lines[item+".every"] > 0 && !wrong.at[item+".every"] && (p.Every < minEvery || p.Every > maxEvery) {
			d.at(item+".every", fmt.Sprintf("%s is out of range; write %s to %s, or leave it out for %s", p.Every, minEvery, maxEvery, Duration(policy.DefaultEvery)))
		}
		if p.Metric != nil && c.Prometheus.URL == "" && !wrong.at["prometheus.url"] {
			d.at(item+".metric", "has nobody to ask; write prometheus: {url: http://HOST:9090} beside checks")
		}
		d.again(first, item, p.Name, i)
	}
}

// wrong is where problems are.
type wrong struct {
	// at has their paths, within the paths of whatever holds one.
	at, within map[string]bool
}

func (d *decoder) wrong() wrong {
	w := wrong{map[string]bool{}, map[string]bool{}}
	for _, p := range d.problems {
		w.at[p.Path] = true
		for path, _, _ := cutLast(p.Path); path != ""; path, _, _ = cutLast(path) {
			w.within[path] = true
		}
	}
	return w
}

// script lets package check judge a check. Where the file could not be read in
// full, only what it does set is told: the rest may be what could not be read.
func (d *decoder) script(item string, c *check.Check, w wrong) {
	var problems check.Problems
	if err := check.Validate(c, d.response()); !errors.As(err, &problems) {
		return
	}
	for _, p := range problems {
		path := item + "." + p.Path
		if w.within[item] && (w.at[path] || w.within[path] || d.file.lines[path] == 0) {
			continue
		}
		d.near(path, p.Text)
	}
}

// response is what compiles expressions over responses.
func (d *decoder) response() check.Compiler {
	if d.compilers.Response != nil {
		return d.compilers.Response
	}
	return func(string) (check.Predicate, error) { return nil, nil }
}

// player checks that a check's persona is there, and brings what the check asks for.
func (d *decoder) player(item string, c *check.Check, people map[string]*Persona, w wrong) {
	if c.Persona == "" || w.at[item+".persona"] {
		return
	}
	p, ok := people[c.Persona]
	switch {
	case !ok:
		d.at(item+".persona", fmt.Sprintf("%s is none of personas; add it there: - name: %s", quote(c.Persona), clip(c.Persona)))
	case p == nil || p.Secret != (SecretRef{}) || p.File != "":
		// What it brings is only known when it plays.
	default:
		for _, use := range check.Uses(c) {
			if _, ok := p.Values[use.Value]; !ok {
				d.near(item+"."+use.Path, fmt.Sprintf("{{ .persona.%s }} is no value of the persona %s; add it to its values, or give it a secret or a file", use.Value, p.Name))
			}
		}
	}
}

// near reports a problem with what stands at a path, on the line of whatever
// holds it if the file does not set it itself.
func (d *decoder) near(path, text string) {
	line := 0
	for at := path; line == 0 && at != ""; at = at[:max(0, strings.LastIndexAny(at, ".["))] {
		line = d.file.lines[at]
	}
	d.problems = append(d.problems, Problem{File: d.file.Name, Line: line, Path: path, Text: text})
}
