package sim

import (
	"context"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/rollback"
)

var previousTarget = mutant{
	name: "previous", says: "returns to the previous revision, whatever it is", caughtBy: goodTarget,
	parts: Parts{Engine: toPrevious, Ledger: func(l rollback.Ledger) rollback.Ledger { return lenient{l} }},
}

// toPrevious aims every undo at the revision with the number before.
func toPrevious(e Engine) Engine {
	last := map[string]*policy.Observation{}
	return engineFunc(func(in policy.Input) policy.Ready {
		if o, ok := in.(*policy.Observation); ok {
			last[o.Workload.UID] = o.Whole()
		}
		r := e.Step(in)
		for i := range r.Decisions {
			d := &r.Decisions[i]
			if d.Kind != policy.Undo {
				continue
			}
			var previous policy.RevisionRef
			for _, rev := range last[d.Workload.UID].Revisions {
				if rev.UID != d.From.UID && rev.Number > previous.Number {
					previous = rev.RevisionRef
				}
			}
			d.To, d.Record.Target = previous, previous
		}
		return r
	})
}

// lenient is a ledger that condemns nobody.
type lenient struct{ rollback.Ledger }

func (lenient) Condemned(context.Context, policy.Workload, policy.RevisionRef) (bool, error) {
	return false, nil
}
