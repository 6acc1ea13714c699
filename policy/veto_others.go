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

// othersFailTooVeto holds when workloads that nobody is releasing began to fail
// in the same way, and not after this one: two in its namespace, three
// anywhere or, where images cannot be pulled, one that needs the same registry.
// Then a database, a network or a registry is to blame.
func othersFailTooVeto(c *Case, f Finding) Veto {
	v := Veto{Message: "no workload that is not being released began to fail in the same way before it"}
	others := c.others(f)
	near, all, pulls := 0, 0, 0
	for _, t := range others {
		for _, mine := range classes(f) {
			switch {
			case !slices.Contains(t.classes, mine):
				continue
			case mine == classImage:
				if shareRegistry(t.images, c.Revision.Images) {
					pulls++
				}
			case t.namespace == c.Observation.Workload.Namespace:
				near++
				all++
			default:
				all++
			}
			break
		}
	}
	if pulls > 0 || near >= 2 || all >= 3 {
		v.Holds, v.WakeAt = true, c.At.Add(othersRecheck)
		v.Message = fmt.Sprintf("%d other workloads that are not being released began to fail in the same way, none after this one", pulls+all)
		if pulls > 0 {
			v.Message = fmt.Sprintf("%d other workloads that are not being released cannot pull from the same registry either", pulls)
		}
	}
	return c.over("OthersFailToo", f, v)
}

// others lists what else fails that may have the same cause.
func (c *Case) others(f Finding) []trouble {
	first := firstFailure(f, c.At)
	from, to := first.Add(-othersBefore), first.Add(othersAfter+c.unsure(f))
	switch {
	case f.Reason == "NotSteady":
		// It came and went, for the others as well.
		return c.engine.fleet.during(from, c.At)
	case c.away():
		to = c.began()
	}
	return c.engine.fleet.others(from, to)
}

// unsure is how much later than it seems a failure may have begun. A pod that is
// not ready counts from its start, though no pod is ready at once; and one that
// was ready for too short a time to count has become unready later still.
func (c *Case) unsure(f Finding) time.Duration {
	normal := func(slowest func(r *Revision) time.Duration) (span time.Duration) {
		for i := range c.Observation.Revisions {
			if r := &c.Observation.Revisions[i]; r.UID != c.Revision.UID {
				span = max(span, 2*slowest(r))
			}
		}
		return span
	}
	for _, failure := range f.Failures {
		switch failure.Reason {
		case "InitStuck":
			return normal(func(r *Revision) time.Duration { return r.SlowestInit })
		case "NotReady":
			span := normal(func(r *Revision) time.Duration { return r.SlowestReady })
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

// classes lists the classes of a finding's failures, each once.
func classes(f Finding) []class {
	var list []class
	for _, failure := range f.Failures {
		if c := classOf(failure); c != "" && !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
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

func shareRegistry(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool {
		return slices.ContainsFunc(b, func(y string) bool { return registry(x) == registry(y) })
	})
}
