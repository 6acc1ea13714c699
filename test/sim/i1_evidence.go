package sim

import (
	"fmt"

	"github.com/undog-dev/undog/policy"
)

var evidenceFirst = &Invariant{
	Name: "I1",
	Says: "no revision is undone, paused or found bad that is not at fault and has not shown it",
	write: func(s *simulation, w *write) error {
		if w.decision.Kind != policy.Undo && w.decision.Kind != policy.Pause {
			return nil
		}
		switch t := s.world.Truth(w.from); {
		case t == nil:
			return fmt.Errorf("%s touched a template that nobody applied", w.before.Name)
		case !t.Fate.Bad():
			return fmt.Errorf("%s %s: its template is %s", w.decision.Kind, w.before.Name, describe(s.world, w.from))
		case t.Shown.IsZero():
			return fmt.Errorf("%s %s: its template is %s, but has not shown it", w.decision.Kind, w.before.Name, describe(s.world, w.from))
		}
		return nil
	},
	telling: func(s *simulation, t *telling) error {
		if t.Kind != policy.VerdictBad {
			return nil
		}
		if truth := s.world.Truth(t.Revision.Template); truth == nil || !truth.Fate.Bad() || truth.Shown.IsZero() {
			return fmt.Errorf("%s found %s bad for %s (%s)", t.undog, describe(s.world, t.Revision.Template), t.Reason, t.Message)
		}
		return nil
	},
}
