package sim

import (
	"fmt"

	"github.com/undog-dev/undog/policy"
)

var accounted = &Invariant{
	Name: "I6",
	Says: "every undo is told with its verdict under its decision's id, and what is told for good is what the cluster remembers",
	write: func(_ *simulation, w *write) error {
		if !w.undoes() {
			return nil
		}
		found := map[policy.TransitionKind]bool{}
		for _, t := range w.owed {
			found[t.Kind] = true
		}
		for _, kind := range []policy.TransitionKind{policy.VerdictBad, policy.RollbackDone} {
			if !found[kind] {
				return fmt.Errorf("%s was undone by decision %s, and no %s can be derived", w.before.Name, w.decision.ID, kind)
			}
		}
		return nil
	},
	telling: func(s *simulation, t *telling) error {
		if !t.Kind.Durable() {
			return s.unique(t)
		}
		derived, ok := s.history.derivable[t.ID]
		switch {
		case !ok:
			return fmt.Errorf("%s told %s of %s, revision %d, which cannot be derived", t.undog, t.Kind, t.Workload.Name, t.Revision.Number)
		case derived.Kind != t.Kind || derived.DecisionID != t.DecisionID || derived.Revision.UID != t.Revision.UID:
			return fmt.Errorf("%s told %s of %s, revision %d, decision %q; the cluster remembers %s, decision %q", t.undog, t.Kind,
				t.Workload.Name, t.Revision.Number, t.DecisionID, derived.Kind, derived.DecisionID)
		}
		return nil
	},
	rest: func(s *simulation) error {
		if s.troubled || s.faults.requests() {
			// What the dead could not tell the outbox derives.
			return nil
		}
		told := map[string]bool{}
		for i := range s.history.told {
			told[s.history.told[i].ID] = true
		}
		for i := range s.history.writes {
			w := &s.history.writes[i]
			if !w.undoes() {
				continue
			}
			for _, t := range w.owed {
				if !told[t.ID] {
					return fmt.Errorf("%s was undone at %s, and nobody told %s", w.before.Name, w.at, t.Kind)
				}
			}
		}
		return nil
	},
}

// unique tells whether a transition's id was used for another one before.
func (s *simulation) unique(t *telling) error {
	for i := range s.history.told {
		other := &s.history.told[i]
		if other.ID == t.ID && (other.Kind != t.Kind || other.Revision.UID != t.Revision.UID) {
			return fmt.Errorf("%s and %s have the same id", t.Kind, other.Kind)
		}
	}
	return nil
}
