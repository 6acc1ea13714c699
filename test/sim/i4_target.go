package sim

import (
	"fmt"

	"github.com/undog-dev/undog/policy"
)

var goodTarget = &Invariant{
	Name: "I4",
	Says: "an undo never leads to a revision that is bad or on record as bad, nor past the owner's later change, and nothing bad is on record as good",
	write: func(s *simulation, w *write) error {
		if !w.undoes() {
			return nil
		}
		if w.decision.From.Template != w.from {
			return fmt.Errorf("%s had %s when it was undone, not the template that was judged", w.before.Name, describe(s.world, w.from))
		}
		for _, rec := range w.records {
			if rec.Revision.Template == w.to && rec.Verdict == policy.Bad {
				return fmt.Errorf("%s was returned to %s, which is on record as bad", w.before.Name, describe(s.world, w.to))
			}
		}
		if t := s.world.Truth(w.to); t == nil || t.Fate.Bad() {
			return fmt.Errorf("%s was returned to %s", w.before.Name, describe(s.world, w.to))
		}
		return nil
	},
	rest: func(s *simulation) error {
		for _, name := range sortedKeys(s.owners) {
			d := s.world.Deployment(name)
			if d == nil {
				continue
			}
			for _, rec := range s.observed(workloadOf(d)).Records {
				if t := s.world.Truth(rec.Revision.Template); rec.Verdict == policy.Good && (t == nil || t.Fate.Bad()) {
					return fmt.Errorf("%s of %s is on record as good (%s)", describe(s.world, rec.Revision.Template), name, rec.Reason)
				}
			}
		}
		return nil
	},
}
