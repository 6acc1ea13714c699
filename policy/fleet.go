package policy

import (
	"slices"
	"strings"
	"time"
)

// fleet is what goes on in many workloads at once. One workload's trouble is
// likely its own; that of many that have nothing to do with each other is not.
type fleet struct {
	limit Brake
	// window is the longest that any limit has had.
	window time.Duration
	// bad holds the workloads whose current revision stands convicted, or was
	// undone lately.
	bad map[key]badRelease
	// troubled holds the workloads that began to fail though they are not
	// being released.
	troubled map[key]trouble
	// past holds what troubled workloads until lately: see pastFor.
	past map[key]trouble
	// namespaces is how many workloads each namespace has.
	namespaces map[string]int
	// usual is how many are in trouble when nothing particular is the matter.
	usual usual
	// heard holds the newest summary of each other process.
	heard map[string]Fleet
	// engaged is since when the brake holds, zero when it does not.
	engaged time.Time
	// changed says that there is something new to count, checked when it was
	// last counted.
	changed bool
	checked time.Time
}

// badRelease is a conviction.
type badRelease struct {
	// at is when it last stood.
	at time.Time
	// group is what the release is known by: releases of one image, as of a
	// sidecar that many share, are one.
	group string
}

// maxHeard bounds how many other processes are listened to.
const maxHeard = 64

func newFleet(b Brake) fleet {
	f := fleet{bad: map[key]badRelease{}, troubled: map[key]trouble{}, past: map[key]trouble{}, heard: map[string]Fleet{}, namespaces: map[string]int{}}
	f.limitTo(b)
	return f
}

// limitTo counts by another brake from now on.
func (f *fleet) limitTo(b Brake) {
	if b.Rollouts == 0 {
		b.Rollouts = DefaultBrake.Rollouts
	}
	if b.Window <= 0 {
		b.Window = DefaultBrake.Window
	}
	f.limit, f.window, f.changed = b, max(f.window, b.Window), true
}

// hear takes what another process sees.
func (f *fleet) hear(in Fleet) {
	if _, known := f.heard[in.Source]; known || len(f.heard) < maxHeard {
		f.heard[in.Source] = in
		f.changed = true
	}
}

// convicted notes that a workload's revision stands convicted.
func (f *fleet) convicted(k key, group string, at time.Time) {
	f.bad[k] = badRelease{at: at, group: group}
	f.changed = true
}

// cleared notes that nothing speaks against a workload's revision any more.
func (f *fleet) cleared(k key) { delete(f.bad, k) }

// forget drops a workload.
func (f *fleet) forget(k key, namespace string) {
	if f.namespaces[namespace]--; f.namespaces[namespace] <= 0 {
		delete(f.namespaces, namespace)
	}
	delete(f.bad, k)
	delete(f.troubled, k)
	delete(f.past, k)
}

// summary is the fleet as it stands.
type summary struct {
	// bad counts releases found bad that have nothing to do with each other,
	// troubled the workloads that began to fail without one, both within the
	// window; allowed is how many of them are taken for coincidence.
	bad, troubled               int
	allowedBad, allowedTroubled int
}

// over tells whether this is one incident rather than many bad releases.
func (s summary) over() bool { return s.bad > s.allowedBad || s.troubled > s.allowedTroubled }

// sum counts. workloads is how many there are: in a large fleet something
// always fails somewhere, and one in a hundred is let pass.
func (f *fleet) sum(limit Brake, workloads int, at time.Time) summary {
	s := summary{allowedBad: limit.Rollouts, allowedTroubled: limit.Rollouts + workloads/100}
	since, useless := at.Add(-limit.Window), at.Add(-f.window)
	groups := map[string]bool{}
	for k, b := range f.bad {
		switch {
		case b.at.Before(useless):
			delete(f.bad, k)
		case !b.at.Before(since):
			groups[b.group] = true
		}
	}
	s.bad = len(groups)
	for _, t := range f.troubled {
		if t.counts(at) && !t.since.Before(since) {
			s.troubled++
		}
	}
	for source, h := range f.heard {
		switch {
		case h.At.Before(useless):
			delete(f.heard, source)
		case !h.At.Before(since):
			s.bad += max(h.Bad, 0)
			s.troubled += max(h.Troubled, 0)
		}
	}
	return s
}

func compareKeys(a, b key) int {
	return strings.Compare(a.kind+"/"+a.uid, b.kind+"/"+b.uid)
}

// group is what a bad release is known by: of the images that it changed those
// of the containers that fail, as of a sidecar that many share, else all of
// them or, when it changed none, the workload.
func group(w *workload, f Finding) string {
	var images, failing []string
	for _, c := range w.rollout.changes {
		container, ok := imageOf(c.Path)
		if !ok || c.To == "" {
			continue
		}
		images = append(images, c.To)
		if slices.ContainsFunc(f.Failures, func(x Failure) bool { return x.Container == container }) {
			failing = append(failing, c.To)
		}
	}
	if len(failing) > 0 {
		images = failing
	}
	if len(images) == 0 {
		return w.obs.Workload.UID
	}
	slices.Sort(images)
	return strings.Join(images, " ")
}

// imageOf is the container whose image is changed at a path, be it on its own
// or since the container is new.
func imageOf(path string) (container string, ok bool) {
	rest, ok := strings.CutPrefix(path, "spec.containers[")
	if !ok {
		rest, ok = strings.CutPrefix(path, "spec.initContainers[")
	}
	if !ok {
		return "", false
	}
	container, field, ok := strings.Cut(rest, "]")
	return container, ok && (field == "" || field == ".image")
}
