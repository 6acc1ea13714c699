package sim

import (
	"math/rand/v2"
	"time"

	"github.com/undog-dev/undog/policy"
)

// cluster is the name that goes into every id.
const cluster = "sim"

// settings draws how undog is configured.
func settings(r *rand.Rand) policy.Settings {
	s := policy.Settings{Cluster: cluster, Mode: policy.Enforce}
	if r.IntN(8) == 0 {
		s.Mode = policy.Observe
	}
	p := policy.Policy{Name: "default", Action: policy.ActionRollback, Bake: minutes(r, 3, 10)}
	switch r.IntN(12) {
	case 0:
		p.Action = policy.ActionPause
	case 1:
		p.Action = policy.ActionNotify
	}
	if r.IntN(3) == 0 {
		p.ReadyWithin = minutes(r, 2, 4)
	}
	s.Policies = []policy.Policy{p}
	return s
}

func minutes(r *rand.Rand, least, most int) time.Duration {
	return time.Duration(least+r.IntN(most-least+1)) * time.Minute
}

// between is a random duration.
func between(r *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(r.Int64N(int64(most-least)+1))
}
