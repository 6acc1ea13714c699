package policy_test

import (
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
)

// A rollout keeps the policy that it began with; which one the next release has is
// told where that is another. An action that was left to undog is told, too.
func TestExplainNextPolicy(t *testing.T) {
	named := func(name string, a policy.Action) policy.Settings {
		s := settings()
		s.Policies[0].Name, s.Policies[0].Action = name, a
		return s
	}
	e := policy.New(named("default", policy.ActionAuto))
	e.Step(healthy(1, noon))
	at := noon.Add(time.Minute)
	e.Step(releasing(2, at))
	explained := func() policy.Explanation { return e.Explain(releasing(3, at), at) }
	if x := explained(); x.Policy != "default" || x.Action != policy.ActionRollback || !x.Auto || x.NextPolicy != nil {
		t.Errorf("policy %s %s, auto %v, then %+v", x.Policy, x.Action, x.Auto, x.NextPolicy)
	}
	after := named("shop", policy.ActionPause)
	e.Step(policy.Reconfigured{At: at, Settings: &after})
	if x := explained(); x.Policy != "default" || x.NextPolicy == nil || *x.NextPolicy != (policy.Successor{Name: "shop", Action: policy.ActionPause}) {
		t.Errorf("policy %s, then %+v; want default, then shop", x.Policy, x.NextPolicy)
	}
}
