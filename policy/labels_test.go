package policy_test

import (
	"maps"
	"testing"

	"github.com/undog-dev/undog/policy"
)

// TestLabels checks that a list of labels answers as the map that it is made of.
func TestLabels(t *testing.T) {
	if l := policy.LabelsOf(nil); l != nil || l.Map() != nil || l.Has("app") {
		t.Errorf("no labels are %v", l)
	}
	set := map[string]string{"tier": "backend", "app": "web", "empty": "", "zone": "a"}
	l := policy.LabelsOf(set)
	if !maps.Equal(l.Map(), set) || len(l) != len(set) {
		t.Errorf("labels %v, want %v", l, set)
	}
	for _, key := range []string{"", "app", "empty", "tier", "tie", "zone", "zz"} {
		want, there := set[key]
		if got, exists := l.Lookup(key); got != want || exists != there || l.Has(key) != there || l.Get(key) != want {
			t.Errorf("label %q: %q, %v; want %q, %v", key, got, exists, want, there)
		}
	}
}
