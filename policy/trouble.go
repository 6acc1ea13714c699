package policy

import (
	"maps"
	"time"
)

// trouble is that a workload began to fail long after its release.
type trouble struct {
	since time.Time
	// due is from when it counts: pods that merely start are none before the
	// time that they are given is over. Zero counts at once.
	due time.Time
	// until is when it ended, zero as long as it lasts.
	until time.Time
	// noted says that usual has heard of it.
	noted     bool
	namespace string
	// classes are the classes of its failures; images the ones it runs.
	classes class
	images  []string
}

// counts tells whether it is trouble at a time, and not a start like any other.
func (t *trouble) counts(at time.Time) bool { return !at.Before(t.due) }

// troubleOf is what a revision's pods fail with now, and since when they do; its
// classes are 0 if all is well. A pod that was ready and no longer is counts at
// once, one that has never been so when it takes longer than its kind.
func troubleOf(o *Observation, r *Revision) trouble {
	t := trouble{namespace: o.Workload.Namespace, images: r.Images}
	for _, f := range r.Failures {
		if c := classOf(f); f.Pods > 0 && c != 0 {
			t.classes |= c
			t.since = earliest(t.since, f.First)
		}
	}
	if o.AvailableReplicas < o.Replicas && len(r.Waiting) > 0 {
		if t.classes == 0 && r.Fell == 0 {
			t.due = r.Waiting[0].Add(r.usualStart())
		}
		t.classes |= classRun
		t.since = earliest(t.since, r.Waiting[0])
	}
	return t
}

// usualStart is how long a pod of a revision that has proved itself may take
// until it is ready: twice what the slowest so far has taken.
func (r *Revision) usualStart() time.Duration {
	if r.SlowestReady == 0 {
		return max(minReadyWithin, r.ProbeBudget)
	}
	return max(sustained, 2*r.SlowestReady)
}

// settled notes how a workload does that is not being released.
func (f *fleet) settled(k key, o *Observation, rev *Revision) {
	t := troubleOf(o, rev)
	if t.classes == 0 || !t.counts(o.At) {
		f.recovered(k, o.At)
		if t.classes != 0 {
			f.troubled[k] = t
		}
		return
	}
	if before, known := f.troubled[k]; known && before.counts(o.At) {
		t.since, t.noted = before.since, before.noted
	}
	f.note(&t)
	f.troubled[k] = t
	f.changed = true
}

// note adds trouble that counts to what is usual, once.
func (f *fleet) note(t *trouble) {
	if !t.noted {
		t.noted = true
		f.usual.add(t, entering)
	}
}

// released notes that a workload is being released, or does well.
func (f *fleet) released(k key) { delete(f.troubled, k) }

// pastFor is how long trouble that is over is remembered. What brought it may
// come back, and a release that was in the middle of it is still judged.
const pastFor = 30 * time.Minute

// recovered notes that a workload does well again.
func (f *fleet) recovered(k key, at time.Time) {
	t, was := f.troubled[k]
	if !was {
		return
	}
	f.released(k)
	if !t.counts(at) {
		return
	}
	f.note(&t)
	t.until = at
	f.past[k] = t
}

// pass lets time go by until now: every minute it is counted how many are in
// trouble, and what was so long ago is forgotten.
func (f *fleet) pass(now time.Time) {
	if !f.usual.due(now) {
		return
	}
	for minute := range f.usual.minutes(now) {
		for k, t := range f.troubled {
			if !t.counts(minute) {
				continue
			}
			if !t.noted {
				f.note(&t)
				f.troubled[k], f.changed = t, true
			}
			if !t.since.Before(minute.Add(-othersBefore)) {
				f.usual.add(&t, standing)
			}
		}
	}
	maps.DeleteFunc(f.past, func(_ key, p trouble) bool { return now.Sub(p.until) > pastFor })
}

// among counts, for those that began to fail between two times, or failed at any
// time since the first if what is over counts as well, what it is asked to.
func (f *fleet) among(from, to, at time.Time, over bool, count func(t trouble)) {
	for _, t := range f.troubled {
		if t.counts(at) && !t.since.Before(from) && !t.since.After(to) {
			count(t)
		}
	}
	if !over {
		return
	}
	for k, t := range f.past {
		if now, still := f.troubled[k]; (!still || !now.counts(at)) && !t.until.Before(from) {
			count(t)
		}
	}
}
