package trial

import (
	"slices"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/play"
)

// lockedOut tells whether every pod asks for the password again: nothing of
// what is behind it is seen then, and pages that ask are compared with pages
// that ask. It says so in the result.
func (t *Trial) lockedOut() bool {
	step := refusedAt(&t.New)
	for i := range t.Old {
		if refusedAt(&t.Old[i]) != step {
			return false
		}
	}
	if step == "" {
		return false
	}
	t.Result.Outcome, t.Result.Reason, t.Result.Step = check.Inconclusive, check.ReasonLogin, step
	t.Result.Message = "every pod asks for the password again, so that nothing behind it is seen; is it the persona's?"
	return true
}

// onlyThis tells whether one pod refuses the password that the two others took.
func onlyThis(p, a, b *play.Play) bool {
	return refusedAt(p) != "" && refusedAt(a) == "" && refusedAt(b) == ""
}

// refusedAt is the step that a pod answered with the question for the password
// again, or "". Where a step expects something it is that which decides.
func refusedAt(p *play.Play) string {
	i := slices.IndexFunc(p.Exchanges, func(x play.Exchange) bool { return x.Refused && len(x.Expectations) == 0 })
	if i < 0 {
		return ""
	}
	return p.Exchanges[i].Step
}
