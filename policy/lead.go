package policy

import (
	"slices"
	"time"
)

// Leadership says whether this process is the one of several that acts. Without
// one it is. One that stands by judges all the same, so that it knows what is
// due when its turn comes; it asks for nothing but comparisons.
type Leadership struct {
	At    time.Time
	Leads bool
	// Who names the process: Name and UID; its Namespace is where it runs.
	Who Workload
	// Reason is CamelCase and stable, Message a sentence for people.
	Reason, Message string
}

func (l Leadership) when() time.Time { return l.At }

// role is what an engine does among several.
type role int

// Without a role there is nobody else.
const (
	// standsBy: somebody else acts.
	standsBy role = iota + 1
	// leader: this one acts, and has been told so.
	leader
)

// kindUndog is the kind of workload that undog itself is, where it tells of itself.
const kindUndog = "Undog"

// lead takes over, or leaves it to another. Whoever takes over does at once
// what was due while nobody did it.
func (e *Engine) lead(in Leadership) {
	was := e.role
	if !in.Leads {
		e.role = standsBy
		if was == leader {
			e.tellLead(LeaderLost, in)
		}
		return
	}
	e.role, e.ledSince = leader, in.At
	e.tellLead(LeaderElected, in)
	for _, k := range e.observed() {
		w := e.workloads[k]
		w.failed = apart[failed]{}
		e.catchUp(w)
		e.judge(w, in.At)
	}
}

// observed lists the workloads that are waited for, in a fixed order.
func (e *Engine) observed() []key {
	keys := make([]key, 0, len(e.workloads))
	for k, w := range e.workloads {
		if w.obs != nil {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, compareKeys)
	return keys
}

// catchUp asks for what a rollout began with and nobody has written yet.
func (e *Engine) catchUp(w *workload) {
	for _, d := range w.written.get().owed {
		written := slices.ContainsFunc(w.obs.Records, func(rec Record) bool { return rec.Revision.UID == d.Record.Revision.UID })
		if !written && w.pending == nil {
			d.Generation = w.obs.Generation
			w.learn(d.Record)
			e.decide(d)
		}
	}
}

// settle takes the answer to what is not waited for: what is owed is dropped
// once it has been answered for good.
func (e *Engine) settle(w *workload, o Outcome) {
	if o.Kind == Tidy {
		e.tidied(w, o)
	}
	if o.Result != Failed && (o.Result != Refused || o.Reason != RefusedNotLeader) {
		w.written.change(func(n *written) {
			n.owed = slices.DeleteFunc(n.owed, func(d Decision) bool { return d.ID == o.DecisionID })
		})
	}
}

// heed notices that another undog has undone the revision that is judged here:
// what comes next is not a release.
func (w *workload) heed() {
	n := len(w.obs.Rollbacks)
	if n == 0 {
		return
	}
	last := w.obs.Rollbacks[n-1]
	if last.DecisionID == w.lastUndo {
		return
	}
	w.lastUndo = last.DecisionID
	if _, own := findRollback(w.written.get().undone, last.DecisionID); !own && !w.first && w.rollout.revision.UID == last.From {
		w.phase = RolledBack
	}
}

// came is when this process began to act on a rollout: with it, or when it
// took over in the middle.
func (e *Engine) came(r *rollout) (at time.Time, late bool) {
	if e.ledSince.After(r.startedAt) {
		return e.ledSince, true
	}
	return r.startedAt, !r.seen
}

// tellLead tells of undog itself.
func (e *Engine) tellLead(kind TransitionKind, in Leadership) {
	w := in.Who
	w.Kind = kindUndog
	e.tell(Transition{
		Kind: kind, At: in.At, Workload: w, Reason: in.Reason, Message: in.Message,
		ID: id("event", e.settings.Cluster, w.Kind, w.UID, string(kind), in.At.UTC().Format(time.RFC3339Nano)),
	})
}
