package spell

import (
	"strings"
	"testing"
)

func TestClosest(t *testing.T) {
	words := []string{"action", "bake", "match", "name", "readyWithin"}
	for in, want := range map[string]string{
		"acton": "action", "ready-within": "readyWithin", "READYWITHIN": "readyWithin", "ba ke": "bake",
		"naem": "name", "zzzz": "", "": "", strings.Repeat("bake", 20): "",
	} {
		if got := Closest(in, words); got != want {
			t.Errorf("Closest(%q) = %q, want %q", in, got, want)
		}
	}
}
