package script_test

import (
	"strconv"
	"testing"

	"github.com/undog-dev/undog/test/script"
)

func TestFindTakesTheFirstRuleThatMatches(t *testing.T) {
	t.Parallel()
	subject := script.Subject{
		Namespace: "demo", Labels: map[string]string{"app": "web"}, Node: "scripted-2",
		Ordinal: 2, Container: "app", Image: "registry/web:v1.1", First: true,
	}
	for name, c := range map[string]struct {
		match script.Match
		want  bool
	}{
		"empty":                  {script.Match{}, true},
		"namespace":              {script.Match{Namespaces: []string{"other", "de*"}}, true},
		"other namespace":        {script.Match{Namespaces: []string{"other"}}, false},
		"label":                  {script.Match{Labels: map[string]string{"app": "web"}}, true},
		"other label":            {script.Match{Labels: map[string]string{"app": ""}}, false},
		"absent label":           {script.Match{Labels: map[string]string{"tier": ""}}, false},
		"image":                  {script.Match{Image: "*/web:*"}, true},
		"other image":            {script.Match{Image: "*:v1"}, false},
		"container":              {script.Match{Container: "app"}, true},
		"other container":        {script.Match{Container: "sidecar"}, false},
		"ordinal":                {script.Match{Ordinals: "2"}, true},
		"ordinals":               {script.Match{Ordinals: "0-1"}, false},
		"ordinals without end":   {script.Match{Ordinals: "1-"}, true},
		"node":                   {script.Match{Node: "*-2"}, true},
		"other node":             {script.Match{Node: "*-3"}, false},
		"one that is no pattern": {script.Match{Image: "web"}, false},
	} {
		s := script.Script{Rules: []script.Rule{{Match: c.match}}}
		if got := s.Find(subject) != nil; got != c.want {
			t.Errorf("%s: match is %v, want %v", name, got, c.want)
		}
	}
	second := subject
	second.First = false
	s := script.Script{Rules: []script.Rule{{Name: "any"}, {Name: "app", Match: script.Match{Container: "app"}}}}
	if got := s.Find(subject).Name; got != "any" {
		t.Errorf("the first container plays %q, want any", got)
	}
	if got := s.Find(second).Name; got != "app" {
		t.Errorf("another container plays %q, want app", got)
	}
}

// TestChanceChoosesItsShareBySeed counts, so that a bias would show.
func TestChanceChoosesItsShareBySeed(t *testing.T) {
	t.Parallel()
	chosen := func(seed uint64) (pods []int) {
		s := script.Script{Seed: seed, Rules: []script.Rule{{Match: script.Match{Chance: 0.25}}}}
		for i := range 4000 {
			if s.Find(script.Subject{Namespace: "demo", Revision: "abc", Ordinal: i, First: true}) != nil {
				pods = append(pods, i)
			}
		}
		return pods
	}
	first, again, other := chosen(1), chosen(1), chosen(2)
	if len(first) < 900 || len(first) > 1100 {
		t.Errorf("%d of 4000 were chosen, want about 1000", len(first))
	}
	if len(again) != len(first) || again[0] != first[0] {
		t.Error("the same seed chose others")
	}
	same := 0
	for i := range min(len(first), len(other)) {
		if first[i] == other[i] {
			same++
		}
	}
	if same > len(first)/2 {
		t.Errorf("another seed chose the same %d", same)
	}
}

func TestGlob(t *testing.T) {
	t.Parallel()
	for i, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"a", "a", true},
		{"a", "b", false},
		{"*", "", true},
		{"a*", "abc", true},
		{"*c", "abc", true},
		{"a*c", "abbc", true},
		{"a*b*c", "a-b-c", true},
		{"a*b*c", "ac", false},
		{"*b*", "abc", true},
		{"ab*ba", "aba", false},
	} {
		if got := script.Glob(c.pattern, c.text); got != c.want {
			t.Errorf("%s: Glob(%q, %q) is %v", strconv.Itoa(i), c.pattern, c.text, got)
		}
	}
}
