package played_test

import (
	"slices"
	"testing"

	"github.com/undog-dev/undog/cmd/undog/played"
	"github.com/undog-dev/undog/policy"
)

func TestSentence(t *testing.T) {
	for want, tt := range map[string]struct {
		c         policy.CheckEvidence
		threshold int64
	}{
		"check greeting: 7 of 7 plays failed (step front page: Hole, a text is empty); the old revision 0 of 14; 2,300 to 1 against it, 1,000 convicts": {
			policy.CheckEvidence{Check: "greeting", New: 7, NewFailed: 7, Old: 14, Odds: 2300, Reason: "Hole", Step: "front page", Message: "a text is empty"}, 1000,
		},
		"check login: 1 of 1 play failed (Status); 3 more without a result; 12 to 1 against it": {
			policy.CheckEvidence{Check: "login", New: 1, NewFailed: 1, Inconclusive: 3, Odds: 12, Reason: "Status"}, 0,
		},
		"check login: no result in 4 plays (Unreachable, the pods cannot be reached)": {
			policy.CheckEvidence{Check: "login", Inconclusive: 4, Reason: "Unreachable", Message: "the pods cannot be reached"}, 1000,
		},
		"check login: 0 of 5 plays failed; the old revision 0 of 10": {policy.CheckEvidence{Check: "login", New: 5, Old: 10, Odds: 1}, 1000},
		"check login: not played yet":                                {policy.CheckEvidence{Check: "login"}, 1000},
		"check n: 1 of 2 plays failed; 1,234,567 to 1 against it":    {policy.CheckEvidence{Check: "n", New: 2, NewFailed: 1, Odds: 1234567}, 0},
	} {
		if got := played.Sentence(tt.c, tt.threshold); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestDetails(t *testing.T) {
	c := policy.CheckEvidence{Excerpt: " Welcome !\n", Pods: []string{"a", "b"}, Differences: []policy.Difference{
		{Kind: "text", Where: "/footer", Old: "1", New: "2"}, {Kind: "header", New: "x"}, {Kind: "header", Where: "Server", Old: "y"}, {Kind: "order"}, {}, {},
	}}
	want := []string{
		"“Welcome !”", "as in a, b", "differs, not held against it: text at /footer: “1” → “2”", "differs, not held against it: header: now “x”",
		"differs, not held against it: header at Server: no longer “y”", "differs, not held against it: order", "and 2 more differences",
	}
	if got := played.Details(c); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if got := played.Details(policy.CheckEvidence{}); len(got) != 0 {
		t.Errorf("got %q of nothing", got)
	}
}

func TestReported(t *testing.T) {
	for want, r := range map[string]policy.Reported{
		"reported bad by ci: checkout fails": {By: "ci", Reason: "checkout fails"},
		"reported good: all is well":         {Good: true, Reason: "all is well"},
	} {
		if got := played.Reported(r); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
