package watcher

import (
	"cmp"
	"container/heap"
	"slices"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/undog-dev/undog/policy"
)

// DecodeRecord reads undog's record out of one of its ControllerRevisions.
type DecodeRecord func(*appsv1.ControllerRevision) (policy.Record, error)

// Options says what a State looks at.
type Options struct {
	// Select tells whether the Deployment with this namespace and these labels
	// is to be watched; nil means every one.
	Select func(namespace string, labels policy.Labels) bool
	// Ignore names namespaces of which not even pods are kept; nil means none.
	Ignore func(namespace string) bool
	// DecodeRecord reads the ledger; nil means that there is none.
	DecodeRecord DecodeRecord
}

// State is the pure reducer: objects in, Observations out. It is safe for use
// by several goroutines. The same objects at the same times make the same
// Observations, whatever the order between objects, as long as none is deleted
// before its owner has been seen.
type State struct {
	opts Options

	mu sync.Mutex
	// spaces are those of the namespaces of which anything is known.
	spaces  map[word]*space
	pods    map[uid]*podState
	records map[uid]*ledgerRecord
	nodes   map[word]*node
	configs map[name]*config
	// deployments finds those that have been seen and are not gone.
	deployments map[uid]*workload
	// names finds the Deployment that has a name now, to notice that it was
	// deleted and created again even if the deletion was never told.
	names map[name]*workload
	// queue holds the workloads that changed, in the order in which they did.
	queue []*workload
	due   dueHeap
	// version is the last one given out. One counter serves all workloads, so
	// that a version never comes back.
	version uint64
	// changed, if set, is called, under the lock, when the queue gets longer.
	changed func()
}

type name struct {
	namespace word
	name      string
}

// NewState returns an empty State.
func NewState(opts Options) *State {
	if opts.Select == nil {
		opts.Select = func(string, policy.Labels) bool { return true }
	}
	if opts.Ignore == nil {
		opts.Ignore = func(string) bool { return false }
	}
	return &State{
		opts:        opts,
		spaces:      map[word]*space{},
		pods:        map[uid]*podState{},
		records:     map[uid]*ledgerRecord{},
		nodes:       map[word]*node{},
		configs:     map[name]*config{},
		deployments: map[uid]*workload{},
		names:       map[name]*workload{},
	}
}

// Take hands out what changed since it was last taken: a *policy.Observation
// for a workload, or policy.Gone. At most limit of them, those that have
// waited longest, sorted by namespace, name and UID; 0 means all. A workload
// that changed and changed back is left out.
func (s *State) Take(at time.Time, limit int) []policy.Input {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleDue(at)
	var out []policy.Input
	n := 0
	for ; n < len(s.queue) && (limit <= 0 || len(out) < limit); n++ {
		w := s.queue[n]
		w.queued = false
		if in := s.takeOne(at, w); in != nil {
			out = append(out, in)
		}
	}
	s.queue = slices.Delete(s.queue, 0, n)
	slices.SortStableFunc(out, compareInputs)
	return out
}

// takeOne returns nil if there is nothing new to say.
func (s *State) takeOne(at time.Time, w *workload) policy.Input {
	if !w.live() {
		if !w.told {
			return nil
		}
		w.told = false
		return policy.Gone{At: at, Workload: w.ref}
	}
	o := s.observe(at, w)
	w.toldHeard = w.heard
	if w.told && w.toldVersion == o.Version {
		return nil
	}
	w.told, w.toldVersion = true, o.Version
	return o
}

// observe gives the Observation its version: the last one if it says the same.
func (s *State) observe(at time.Time, w *workload) *policy.Observation {
	o := w.observe(at)
	if w.own == 0 {
		w.own = digestOwn(o)
	}
	if d := digest(o, w.own); d != w.digest || w.version == 0 {
		s.version++
		w.version, w.digest = s.version, d
	}
	o.Version = w.version
	return o
}

// Observe says how the Deployment with this UID stands, changed or not; false
// if there is none that is watched. It takes nothing away from Take.
func (s *State) Observe(at time.Time, deployment string) (*policy.Observation, bool) {
	id, _ := uidOf(deployment)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleDue(at)
	w := s.deployments[id]
	if w == nil || !w.live() {
		return nil, false
	}
	return s.observe(at, w).Whole(), true
}

// Due is when something changes by the mere passing of time, zero if nothing
// will. Take at or after that time hands it out.
func (s *State) Due() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.due) == 0 {
		return time.Time{}
	}
	return secondsTime(s.due[0].at)
}

// Advance notes that time has passed, and tells whether there is something to take.
func (s *State) Advance(at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleDue(at)
	return len(s.queue) > 0
}

// touch queues a workload that may have changed. nil, and one of which there
// is nothing to say, are left alone.
func (s *State) touch(w *workload) {
	if w == nil || w.queued || !w.live() && !w.told {
		return
	}
	w.queued = true
	s.queue = append(s.queue, w)
	if s.changed != nil {
		s.changed()
	}
}

// settleDue updates the pods of which something is over by now: they have been
// ready for long enough, or an Event was not repeated.
func (s *State) settleDue(at time.Time) {
	for len(s.due) > 0 && s.due[0].at <= at.Unix() {
		d, _ := heap.Pop(&s.due).(dueTime)
		p := d.pod
		p.clock.due = 0
		if p.rev == nil || p.evidence == nil {
			continue
		}
		before := p.contribution()
		changed := p.evidence.expire(at)
		if p.rec.ready && p.evidence.settle(int64(p.clock.readyAt), at.Unix()) {
			changed = true
		}
		if changed {
			p.rev.crew.update(p, before)
			s.touch(p.rev.workload)
		}
		s.awaitDue(p)
	}
}

// awaitDue makes sure that the pod is looked at when something of it is over.
func (s *State) awaitDue(p *podState) {
	if p.evidence == nil || p.rev == nil {
		return
	}
	due := p.evidence.expiry()
	if p.rec.ready {
		if t := p.evidence.due(int64(p.clock.readyAt)); t != 0 && (due == 0 || t < due) {
			due = t
		}
	}
	if due != 0 && (p.clock.due == 0 || due < int64(p.clock.due)) {
		p.clock.due = stamp(due)
		heap.Push(&s.due, dueTime{at: due, pod: p})
	}
}

// compareInputs puts the end of a workload before the beginning of its successor.
func compareInputs(a, b policy.Input) int {
	wa, goneA := subject(a)
	wb, goneB := subject(b)
	return cmp.Or(
		cmp.Compare(wa.Namespace, wb.Namespace),
		cmp.Compare(wa.Name, wb.Name),
		compareBools(goneB, goneA),
		cmp.Compare(wa.UID, wb.UID),
	)
}

func subject(in policy.Input) (w policy.Workload, gone bool) {
	if g, ok := in.(policy.Gone); ok {
		return g.Workload, true
	}
	o, _ := in.(*policy.Observation)
	return o.Workload, false
}
