package corpus

import (
	"slices"
	"testing"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/test/corpus/scenario"
)

// TestVetoes takes each veto away: the scenarios that were written for it must
// fail. That no other one does is for make vetoes, which plays them all.
func TestVetoes(t *testing.T) {
	t.Parallel()
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Veto != "" && !slices.Contains(policy.Vetoes(), s.Veto) {
			t.Errorf("%s: veto %q is none", s.ID, s.Veto)
		}
	}
	for _, name := range policy.Vetoes() {
		mine := slices.DeleteFunc(slices.Clone(all), func(s *scenario.Scenario) bool { return s.Veto != name })
		if len(mine) == 0 {
			t.Errorf("no scenario was written for %s", name)
			continue
		}
		failing, err := Failing(mine, []string{name})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range mine {
			if slices.Contains(failing, s.ID) {
				continue
			}
			if fails, err := FailsWithout(s, name); err != nil || !fails {
				t.Errorf("%s was written for %s, and passes without it (%v)", s.ID, name, err)
			}
		}
	}
}
