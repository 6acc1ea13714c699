package policy

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy/eprocess"
)

// sequential is the evidence of Layer 1 against one revision: its pods fail
// after they had been ready, and more often than those of the revisions it
// replaces. Exits on the way to the first readiness, and in the first minute,
// are for other rules: a start-up race is no sign of a worse revision.
//
// Two tests are played. The one against history compares each new pod with
// lives of old ones at the same age, and the budget bounds how often it
// convicts a revision that is no worse. It cannot know today's weather, so as
// long as old pods run beside the new ones the second test, side by side, must
// not contradict. Pods count once, and nodes once in a while: see
// eprocess.Limiter.
type sequential struct {
	history, beside eprocess.Events
	limiter         eprocess.Limiter
	// lives is how many old lives are played beside each of the first pods new
	// ones, 0 when there is nothing to compare with; horizon is up to what age.
	lives, pods int
	horizon     time.Duration
	// baseline is how many old lives there are, for explanations.
	baseline int
	// seen is the time of the newest incident that was taken in.
	seen time.Time
	// old says that old pods ran beside the new ones at the last look.
	old bool
}

// startUp is how old a pod must be for its first failure to count.
const startUp = time.Minute

// maxHorizon bounds up to what age pods are compared. What fails later than
// that is for the bake window to find or to leave.
const maxHorizon = 2 * time.Hour

// begun fixes what the new revision is compared with: the pods of all others
// that are there when its rollout begins, up to the age that each of them has
// reached. Their failures are observed at once, earlier than they would be at
// their age, which can only favour the new revision.
func begun(o *Observation, rev *Revision, at time.Time) *sequential {
	s := &sequential{seen: at, pods: int(o.Replicas)}
	var youngest time.Time
	var h eprocess.History
	for i := range o.Revisions {
		r := &o.Revisions[i]
		if r.UID == rev.UID || r.Pods == 0 || r.AllReadySince.IsZero() {
			continue
		}
		if len(r.Incidents) >= MaxIncidents {
			// Some are forgotten: what is left would make it look better than it was.
			return s
		}
		youngest = latest(youngest, r.AllReadySince)
		for k, in := range r.Incidents {
			h.Add(eprocess.Failure{Life: h.Lives + k, Age: in.Age})
		}
		h.Lives += max(int(r.Ready), len(r.Incidents))
	}
	if youngest.IsZero() {
		return s
	}
	h.Horizon = min(at.Sub(youngest), maxHorizon)
	s.pods = min(s.pods, h.Lives)
	s.baseline, s.horizon, s.lives = h.Lives, h.Horizon, h.PerPod(s.pods)
	for _, f := range h.Failures {
		if f.Age <= h.Horizon {
			s.history.Observe(false, 1, float64(s.lives))
		}
	}
	return s
}

// incident is one of either side.
type incident struct {
	Incident
	onNew bool
}

// gather takes in the incidents that came since it last looked.
func (s *sequential) gather(o *Observation, rev *Revision) {
	if s == nil {
		return
	}
	fresh := s.fresh(o, rev)
	for len(fresh) > 0 {
		n := 1
		for n < len(fresh) && fresh[n].Node == fresh[0].Node && fresh[n].At.Equal(fresh[0].At) {
			n++
		}
		s.seen = fresh[0].At
		exposureNew, exposureOld := eprocess.Weigh(atRisk(o.Hosts, fresh))
		s.take(fresh[:n], exposureNew, exposureOld)
		fresh = fresh[n:]
	}
	s.old = o.others(rev)
}

// fresh lists the incidents that were not taken in yet, in order.
func (s *sequential) fresh(o *Observation, rev *Revision) []incident {
	var list []incident
	for i := range o.Revisions {
		r := &o.Revisions[i]
		for _, in := range r.Incidents {
			if in.WasReady && in.Age >= startUp && in.At.After(s.seen) {
				list = append(list, incident{in, r.UID == rev.UID})
			}
		}
	}
	slices.SortFunc(list, func(a, b incident) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Pod, b.Pod))
	})
	return list
}

// atRisk is what could have failed just before the first of the incidents: the
// pods that have not failed yet, and those that are about to.
func atRisk(hosts []Host, failing []incident) []eprocess.Node {
	nodes := make([]eprocess.Node, 0, len(hosts)+len(failing))
	for _, h := range hosts {
		for range h.Nodes {
			nodes = append(nodes, eprocess.Node{New: int(h.New), Old: int(h.Old)})
		}
	}
	for _, in := range failing {
		if in.onNew {
			nodes = append(nodes, eprocess.Node{New: 1})
		} else {
			nodes = append(nodes, eprocess.Node{Old: 1})
		}
	}
	return nodes
}

// take observes what failed together on one node, as one event.
func (s *sequential) take(together []incident, exposureNew, exposureOld float64) {
	onNew, onOld, aged := 0, 0, 0
	for _, in := range together {
		switch {
		case !s.limiter.Open(in.Pod, in.Node, in.At):
		case !in.onNew:
			onOld++
		default:
			onNew++
			if in.Age <= s.horizon {
				aged++
			}
		}
	}
	for _, in := range together {
		if s.limiter.Open(in.Pod, in.Node, in.At) {
			s.limiter.Count(in.Pod, in.Node, in.At)
		}
	}
	s.beside.ObserveTogether(onNew, onOld, exposureNew, exposureOld)
	if aged > 0 && s.lives > 0 && s.history.New < s.pods {
		s.history.Observe(true, 1, float64(s.lives))
	}
}

// others tells whether pods of another revision run.
func (o *Observation) others(rev *Revision) bool {
	return slices.ContainsFunc(o.Revisions, func(r Revision) bool { return r.UID != rev.UID && r.Started > 0 })
}

// least is what the test side by side must reach while old pods run: enough to
// say that what fails is new, far from enough to convict.
const least = 20

// odds is how many to one the evidence stands against the revision.
func (s *sequential) odds() float64 {
	if s == nil {
		return 1
	}
	if s.old && s.beside.Value() < least {
		return math.Min(s.beside.Value(), s.history.Value())
	}
	return s.history.Value()
}

// latest is the later of two times, where zero means never.
func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
