package sim

import (
	"context"

	"github.com/undog-dev/undog/policy"
)

var discouraged = mutant{
	name: "discouraged", says: "does not try again what failed once", caughtBy: settles,
	parts: Parts{Engine: func(e Engine) Engine {
		return engineFunc(func(in policy.Input) policy.Ready {
			if o, ok := in.(policy.Outcome); ok && (o.Result == policy.Failed || o.Result == policy.Stale) {
				return policy.Ready{}
			}
			return e.Step(in)
		})
	}},
}

var unmoved = mutant{
	name: "unmoved", says: "takes its turn and leaves what is due undone", caughtBy: settles,
	parts: Parts{Engine: func(e Engine) Engine {
		return engineFunc(func(in policy.Input) policy.Ready {
			r := e.Step(in)
			if _, ok := in.(policy.Leadership); ok {
				r.Decisions = nil
			}
			return r
		})
	}},
}

var restless = mutant{
	name: "restless", says: "does not believe that a record was kept, and keeps it again", caughtBy: settles,
	parts: Parts{
		Executor: func(e Executor) Executor { return doubter{e} },
		Engine:   seeing(func(o *policy.Observation) { o.Records = nil }),
	},
}

// doubter reports every record that was kept as a failure.
type doubter struct{ Executor }

func (d doubter) Do(ctx context.Context, decision policy.Decision) policy.Outcome {
	o := d.Executor.Do(ctx, decision)
	if decision.Kind == policy.Remember && o.Result == policy.Done {
		o.Result = policy.Failed
	}
	return o
}
