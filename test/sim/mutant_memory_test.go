package sim

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
	"github.com/undog-dev/undog/policy/rollback"
)

var forgetful = mutant{
	name: "forgetful", says: "forgets what it found bad and what it undid", caughtBy: onceOnly,
	parts: Parts{
		Engine: func(e Engine) Engine {
			// The engine itself remembers as well: a new one for every observation does not.
			return seeing(func(o *policy.Observation) {
				o.Rollbacks = nil
				var good []policy.Record
				for _, rec := range o.Records {
					if rec.Verdict == policy.Good {
						good = append(good, rec)
					}
				}
				o.Records = good
			})(e)
		},
		Transport: reading("deployments", func(_ *http.Request, d map[string]any) {
			delete(field(field(d, "metadata"), "annotations"), ledger.RollbacksAnnotation)
		}),
	},
}

var unrecorded = mutant{
	name: "unrecorded", says: "undoes without a record of its verdict", caughtBy: accounted,
	parts: Parts{Ledger: func(l rollback.Ledger) rollback.Ledger { return lossy{l} }},
}

// lossy is a ledger that keeps no verdict but Good.
type lossy struct{ rollback.Ledger }

func (l lossy) Remember(ctx context.Context, w policy.Workload, rec policy.Record, template json.RawMessage) error {
	if rec.Verdict == policy.Bad {
		return nil
	}
	return l.Ledger.Remember(ctx, w, rec, template)
}

var renumbered = mutant{
	name: "renumbered", says: "tells what it did under ids of the moment", caughtBy: accounted,
	parts: Parts{Engine: func(e Engine) Engine {
		return engineFunc(func(in policy.Input) policy.Ready {
			r := e.Step(in)
			for i := range r.Transitions {
				r.Transitions[i].ID += r.Transitions[i].At.String()
			}
			return r
		})
	}},
}
