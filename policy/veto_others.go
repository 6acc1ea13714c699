package policy

import (
	"fmt"
	"slices"
	"time"
)

const (
	// othersBefore is how long before the first failure of a revision other
	// workloads may have begun to fail to have the same cause, and othersAfter
	// how long after: those that depend on a bad release fail after it.
	othersBefore = 10 * time.Minute
	othersAfter  = 10 * time.Second
	// sustained is the shortest readiness that counts (MinSustained of package watcher).
	sustained = 30 * time.Second
	// othersRecheck is how soon a hold for the others' sake is looked at again.
	othersRecheck = 30 * time.Second
)

// othersFailTooVeto holds when clearly more workloads than usual that nobody is
// releasing began to fail in the same way, and not after this one: two at least
// in its namespace, three anywhere or, where images cannot be pulled, one that
// needs the same registry. Then a database, a network or a registry is to blame.
func othersFailTooVeto(c *Case, f Finding) Veto {
	v := Veto{Message: "no workload that is not being released began to fail in the same way before it"}
	few := ""
	for _, t := range c.others(f) {
		if surprising(t.n, t.least, t.usual) {
			v.Holds, v.WakeAt, v.Message = true, c.At.Add(othersRecheck), t.String()
			return v
		}
		if t.n > 0 && few == "" {
			few = t.String() + ": too few to have the same cause"
		}
	}
	if few != "" {
		v.Message = few
	}
	return c.over("OthersFailToo", f, v)
}

// circle is some workloads around the case's: how many of them began to fail in
// the same way, how many do as a rule, and how many there must be at least.
type circle struct {
	n, least int
	usual    float64
	what     string
}

// String is the circle in words.
func (o circle) String() string {
	said := count(int32(o.n), "other workload") + " " + o.what //nolint:gosec // workloads are counted
	if o.usual >= 0.05 {
		said += fmt.Sprintf(", and %.1f do as a rule", o.usual)
	}
	return said
}

// others counts what else fails that may have the same cause.
func (c *Case) others(f Finding) [3]circle {
	first := firstFailure(f, c.At)
	from, to, over := first.Add(-othersBefore), first.Add(othersAfter+c.unsure(f)), false
	switch {
	case f.Reason == "NotSteady":
		// It came and went, for the others as well.
		to, over = c.At, true
	case c.away():
		to = c.began()
	}
	pulls := circle{least: 1, what: "that nobody is releasing could not pull from the same registry either"}
	all := circle{least: 3, what: "that nobody is releasing began to fail in the same way, none after this one"}
	near := circle{least: 2, what: "of its namespace that nobody is releasing began to fail in the same way, none after this one"}
	mine, namespace, hosts := classes(f), c.Observation.Workload.Namespace, registries(c.Revision.Images)
	c.engine.fleet.among(from, to, c.At, over, func(t trouble) {
		switch same := t.classes & mine; {
		case same&^classImage != 0:
			all.n++
			if t.namespace == namespace {
				near.n++
			}
		case same != 0 && shareRegistry(t.images, hosts):
			pulls.n++
		}
	})
	level := func(s scope, of class) float64 { return c.usualTrouble(s, of&mine, from, to, over) }
	all.usual = level(scope{of: everywhere}, ^classImage)
	// A namespace that was calm by chance has its share in what is usual.
	share := float64(c.engine.fleet.namespaces[namespace]) / float64(c.engine.Len())
	near.usual = max(level(scope{inNamespace, namespace}, ^classImage), all.usual*share)
	for _, name := range hosts {
		pulls.usual += level(scope{onRegistry, name}, classImage)
	}
	return [3]circle{pulls, all, near}
}

// usualTrouble is how many workloads of a scope fail as a rule, as far as was
// seen before the time in question: at a time or, if what is over counts as
// well, at any time of it.
func (c *Case) usualTrouble(s scope, of class, from, to time.Time, over bool) float64 {
	at, more, known := c.engine.fleet.usual.level(s, of, from)
	if !known && s.of == everywhere {
		at = float64(c.engine.Len()) / unknownUsual
		more = at
	}
	if over {
		at += more * to.Sub(from).Minutes() / spell.Minutes()
	}
	return at
}

// unsure is how much later than it seems a failure may have begun. A pod that is
// not ready counts from its start, though no pod is ready at once; and one that
// was ready for too short a time to count has become unready later still.
func (c *Case) unsure(f Finding) time.Duration {
	ready, init := c.Observation.slowestOther(c.Revision)
	for _, failure := range f.Failures {
		switch failure.Reason {
		case "InitStuck":
			return 2 * init
		case "NotReady":
			span := 2 * ready
			if c.Revision.SlowestReady > 0 {
				span += max(c.Observation.MinReady, sustained)
			}
			return span
		}
	}
	return 0
}

// away tells whether the release itself has kept the workload from being ready
// since it began: the old pods were removed first, and no new one was ready yet.
// What depends on it fails since then, and says nothing.
func (c *Case) away() bool {
	r := c.Revision
	return c.Observation.Recreate && r.Ready == 0 && r.SlowestReady == 0 &&
		!slices.ContainsFunc(r.Incidents, func(in Incident) bool { return in.WasReady })
}

// classes are the classes of a finding's failures.
func classes(f Finding) (all class) {
	for _, failure := range f.Failures {
		all |= classOf(failure)
	}
	return all
}

// firstFailure is when the first of a finding's failures was first seen.
func firstFailure(f Finding, otherwise time.Time) time.Time {
	var first time.Time
	for _, failure := range f.Failures {
		first = earliest(first, failure.First)
	}
	if first.IsZero() {
		return otherwise
	}
	return first
}

// shareRegistry tells whether an image is from one of some registries.
func shareRegistry(images, hosts []string) bool {
	return slices.ContainsFunc(images, func(image string) bool { return slices.Contains(hosts, registry(image)) })
}
