package watcher

import (
	"cmp"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy"
)

// workload is a Deployment, known from itself or from an object that names it.
type workload struct {
	uid   uid
	space *space
	// stem is that of its ReplicaSets' names.
	stem word
	// rec is nil until the Deployment itself has been seen, and after it is gone.
	rec *deploymentRecord
	// ref is who it is or was, for saying that it is gone.
	ref       policy.Workload
	revisions []*revision
	records   []*ledgerRecord
	// configs are those that the record's template names, in the same order.
	configs rare[*config]
	// spread is kept only while somebody wants to know.
	spread *spread
	// chosen says that undog is to watch it.
	chosen bool
	// told says that it has been handed out and not been called gone since.
	told bool
	// queued says that it is in the State's queue.
	queued bool
	// heard is when the last of its pods' statuses came in, and toldHeard when
	// that one had come which was part of what was last handed out. Unix
	// nanoseconds.
	heard, toldHeard int64
	// version is that of the last Observation, and digest what it said.
	version, digest uint64
	// own is the part of digest that the record says, 0 until that is known.
	own uint64
	// toldVersion is that of the last one handed out.
	toldVersion uint64
}

// family is that of its ReplicaSets.
func (w *workload) family() family { return family{namespace: w.space.namespace, stem: w.stem} }

// adopt makes the stem of the first ReplicaSet with such a name the family's.
func (w *workload) adopt(id *identity) {
	if w.stem == (word{}) && id.name.size > 0 {
		w.stem = id.name.stem
	}
}

// live tells whether there is anything to observe.
func (w *workload) live() bool { return w.rec != nil && w.chosen }

// observe says how the workload stands. Only At depends on the time.
func (w *workload) observe(at time.Time) *policy.Observation {
	o := w.rec.say()
	o.At, o.Workload = at, w.ref
	o.Configs, o.Hosts = w.sayConfigs(), w.hosts()
	// They stay in this order, so that it is soon found again.
	slices.SortFunc(w.revisions, compareRevisions)
	resting := 0
	for _, r := range w.revisions {
		resting += int(b2i(r.idle(w.rec.template)))
	}
	o.Revisions = make([]policy.Revision, 0, len(w.revisions)-resting)
	for _, r := range w.revisions {
		if r.known() && !r.idle(w.rec.template) {
			o.Revisions = append(o.Revisions, r.say(o.MinReady))
		}
	}
	if resting > 0 {
		o.Idle = w.lend(resting)
	}
	for _, r := range w.records {
		o.Records = append(o.Records, r.record)
	}
	slices.SortFunc(o.Records, func(a, b policy.Record) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Revision.UID, b.Revision.UID))
	})
	return &o
}

// compareRevisions orders by number and UID, those that are not known first.
func compareRevisions(a, b *revision) int {
	number := func(r *revision) int64 {
		if !r.known() {
			return -1
		}
		return r.rec.number
	}
	return cmp.Or(cmp.Compare(number(a), number(b)), cmp.Compare(a.uid.hi, b.uid.hi), cmp.Compare(a.uid.lo, b.uid.lo))
}

// empty tells whether nothing speaks of the workload any more.
func (w *workload) empty() bool {
	return w.rec == nil && len(w.revisions) == 0 && len(w.records) == 0
}

// empty tells whether nothing speaks of the revision any more.
func (r *revision) empty() bool {
	return !r.known() && (r.crew == nil || len(r.crew.pods) == 0)
}
