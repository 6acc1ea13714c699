package watcher

import (
	"encoding/binary"
	"reflect"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/template"
)

// idle is a policy.Idle. It says what is in the revisions that are lent to it, of
// which only the crew changes as long as it is theirs: see State.own.
type idle struct {
	family
	list []idleRevision
}

// idleRevision is a revision that has nothing to show, and how long its pods took.
type idleRevision struct {
	*revision
	slowest, slowestInit time.Duration
}

// idle tells whether a revision of a workload with this template has nothing to show.
func (r *revision) idle(current template.Sum) bool {
	return r.known() && r.rec.template != current && r.rec.desired == 0 && r.failure() == nil &&
		(r.crew == nil || len(r.crew.pods) == 0 && len(r.crew.incidents) == 0)
}

// lend gives away the n revisions that are idle.
func (w *workload) lend(n int) *idle {
	l := &idle{family: w.family(), list: make([]idleRevision, 0, n)}
	for _, r := range w.revisions {
		if !r.idle(w.rec.template) {
			continue
		}
		out := idleRevision{revision: r}
		if r.crew != nil {
			out.slowest, out.slowestInit = r.crew.slowest, r.crew.slowestInit
		}
		l.list = append(l.list, out)
	}
	return l
}

// own is a revision that can be changed: one that may have been lent, as it has no
// pods, is replaced by a copy. What was handed out stays as it is, and is read
// while the State goes on.
func (s *State) own(r *revision) *revision {
	if !r.known() || r.crew != nil && len(r.crew.pods) > 0 {
		return r
	}
	next := *r
	r.workload.space.revisions[r.uid] = &next
	r.workload.revisions[slices.Index(r.workload.revisions, r)] = &next
	return &next
}

// Revisions implements policy.Idle.
func (l *idle) Revisions() []policy.Revision {
	out := make([]policy.Revision, len(l.list))
	for i := range l.list {
		out[i] = l.list[i].inFull(l.family)
	}
	return out
}

// inFull makes the revision.
func (r *idleRevision) inFull(f family) policy.Revision {
	out := r.sayIn(f)
	out.SlowestReady, out.SlowestInit = r.slowest, r.slowestInit
	return out
}

// Newest implements policy.Idle. Of several with its number the list has the first by
// UID first.
func (l *idle) Newest() policy.Revision {
	n := len(l.list) - 1
	for n > 0 && l.list[n-1].rec.number == l.list[n].rec.number {
		n--
	}
	return l.list[n].inFull(l.family)
}

// Slowest implements policy.Idle.
func (l *idle) Slowest() (ready, init time.Duration) {
	for _, r := range l.list {
		ready, init = max(ready, r.slowest), max(init, r.slowestInit)
	}
	return ready, init
}

// idle hashes what identifies each revision, and what may change of it: its
// name and age go with the UID, its images and probes with the template.
func (h *hasher) idle(v reflect.Value) {
	if v.IsNil() {
		h.number(0)
		return
	}
	l, ok := reflect.TypeAssert[*idle](v.Elem())
	if !ok {
		panic("digest of an observation: cannot hash a " + v.Elem().Type().String())
	}
	h.number(uint64(len(l.list)))
	for _, r := range l.list {
		h.number(r.uid.hi)
		h.number(r.uid.lo)
		h.number(uint64(r.rec.number)) //nolint:gosec // a hash has no sign
		h.number(binary.BigEndian.Uint64(r.rec.template[:]))
		h.text(text(r.hash()))
		h.number(uint64(r.slowest))     //nolint:gosec // never negative
		h.number(uint64(r.slowestInit)) //nolint:gosec // never negative
	}
}
