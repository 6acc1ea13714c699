package app

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
)

// What a file says about judging reaches the engine.
func TestSettingsCompile(t *testing.T) {
	file, err := config.Parse("undog.yaml", []byte(`
brake: {rollouts: -1, within: 20m}
policies:
  - name: shop
    match: {namespaces: [shop]}
    bake: 1m
    readyWithin: 2m
    falseRollbackBudget: 0.01
    freeze: [{name: nights, from: "22:00", to: "06:00", timezone: Europe/Berlin}]
    rules: [{reason: CrashLoop, when: "revision.pods > 3"}]
    without: [OneNode]
  - name: rest
`), config.Compilers{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := settings(&file.Config)
	if err != nil {
		t.Fatal(err)
	}
	if s.Brake != (policy.Brake{Rollouts: -1, Window: 20 * time.Minute}) {
		t.Errorf("brake = %+v", s.Brake)
	}
	shop, rest := s.Policies[0], s.Policies[1]
	if shop.Budget != 0.01 || shop.Bake != time.Minute || shop.ReadyWithin != 2*time.Minute || !reflect.DeepEqual(shop.Without, []string{"OneNode"}) {
		t.Errorf("policy = %+v", shop)
	}
	name, until, frozen := shop.Frozen(time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC))
	if want := time.Date(2026, 3, 29, 4, 0, 0, 0, time.UTC); name != "nights" || !until.Equal(want) || !frozen {
		t.Errorf("frozen = %s until %v (%v), want nights until %v", name, until, frozen, want)
	}
	for pods, want := range map[int32]bool{3: false, 4: true} {
		c := &policy.Case{Observation: &policy.Observation{}, Revision: &policy.Revision{Pods: pods}}
		if got, err := shop.When["CrashLoop"](c, policy.Finding{Reason: "CrashLoop"}); got != want || err != nil {
			t.Errorf("with %d pods the rule says %v, %v", pods, got, err)
		}
	}
	if rest.Budget != policy.DefaultBudget || rest.Frozen != nil || len(rest.When) != 0 || len(rest.Without) != 0 {
		t.Errorf("a policy that says nothing compiles to %+v", rest)
	}
}

// Everything that cannot be compiled is told at once, with its policy.
func TestSettingsErrors(t *testing.T) {
	cfg := config.Default()
	cfg.Policies = []config.Policy{
		{Name: "one", Match: config.Match{Selector: "a=b=c"}, Freeze: []config.Window{{Name: "never"}}},
		{Name: "two", Rules: []config.Rule{{Reason: "CrashLoop", When: "revision.podz > 1"}}},
	}
	_, err := settings(&cfg)
	for _, want := range []string{"compile policy one: selector", "freeze window never: says no time", "compile policy two: rule for CrashLoop: 1:9: there is no field podz"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %s", err, want)
		}
	}
}
