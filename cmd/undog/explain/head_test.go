package explain

import (
	"testing"

	"github.com/undog-dev/undog/policy"
)

// The head names the policy that counts, whether its action was left to undog, and
// what the next release is judged by.
func TestRule(t *testing.T) {
	x := policy.Explanation{Policy: "default", Action: policy.ActionRollback, Auto: true, Mode: policy.Enforce}
	for want, next := range map[string]*policy.Successor{
		"policy default (auto) rolls a bad revision back, mode enforce":                                                                 nil,
		"policy default (auto) rolls a bad revision back, mode enforce; the next release matches no policy, and is left alone":          {},
		"policy default (auto) rolls a bad revision back, mode enforce; from the next release on policy a only tells of a bad revision": {Name: "a", Action: policy.ActionNotify},
	} {
		x.NextPolicy = next
		s := &sheet{Answer: &Answer{Explanation: x}}
		if got := s.rule(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
