package sim

import (
	"net/http"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
)

var disobedient = mutant{
	name: "disobedient", says: "ignores the mode and the pause that its owner set", caughtBy: ownersWord,
	parts: Parts{
		Engine: seeing(func(o *policy.Observation) { o.Mode, o.Paused = "", o.Paused && o.PausedBy != "" }),
		Transport: reading("deployments", func(_ *http.Request, d map[string]any) {
			delete(field(field(d, "metadata"), "annotations"), ledger.ModeAnnotation)
			delete(field(d, "spec"), "paused")
		}),
	},
}

var overzealous = mutant{
	name: "overzealous", says: "does in observe mode what it would have done", caughtBy: ownersWord,
	parts: Parts{Engine: func(e Engine) Engine {
		return engineFunc(func(in policy.Input) policy.Ready {
			r := e.Step(in)
			for i := range r.Decisions {
				if d := &r.Decisions[i]; d.Kind == policy.Remember && d.Record.Verdict == policy.Bad && d.To.UID != "" {
					d.Kind, d.Record.DecisionID = policy.Undo, d.ID
				}
			}
			return r
		})
	}},
}
