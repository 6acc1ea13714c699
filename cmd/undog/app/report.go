package app

import "github.com/undog-dev/undog/policy"

// shown says in short what checks had to do with a transition: the name of the
// first that failed and what it found. It is redacted already.
func shown(t policy.Transition) []any {
	for i := range t.Checks {
		if c := &t.Checks[i]; c.NewFailed > 0 {
			return []any{"check", c.Check, "found", c.Message}
		}
	}
	if len(t.Checks) > 0 && (t.Kind == policy.CheckInconclusive || t.Kind == policy.CheckDiffers) {
		return []any{"check", t.Checks[0].Check, "found", t.Checks[0].Message}
	}
	return nil
}
