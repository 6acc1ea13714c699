package events

import (
	"fmt"

	"github.com/undog-dev/undog/cmd/undog/played"
	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/policy"
)

// shown is what checks have shown of the revision, and what was reported of it.
func shown(d notify.Data) []string {
	var lines []string
	for _, c := range d.Checks {
		e := evidence(c)
		lines = append(lines, played.Sentence(e, 0))
		for _, line := range played.Details(e) {
			lines = append(lines, "  "+line)
		}
	}
	if r := d.Reported; r != nil {
		lines = append(lines, played.Reported(policy.Reported{At: r.At, Good: r.Good, Reason: r.Reason, By: r.By}))
	}
	return lines
}

// maxLines is how many lines of a log are shown among other things; undog events
// --json has the others.
const maxLines = 10

// captured is what the containers showed last, with at most so many lines of each.
func captured(d notify.Data, most int) []string {
	var lines []string
	for _, c := range d.Captured {
		lines = append(lines, played.Captured(policy.Captured(c), most)...)
	}
	return lines
}

// evidence is a check of an event in the words of the engine.
func evidence(c notify.Check) policy.CheckEvidence {
	e := policy.CheckEvidence{
		Check: c.Name, New: c.New, NewFailed: c.NewFailed, Old: c.Old, OldFailed: c.OldFailed, Inconclusive: c.Inconclusive,
		Odds: c.Odds, Reason: c.Reason, Step: c.Step, Message: c.Message, Excerpt: c.Excerpt, Pods: c.Pods,
	}
	for _, d := range c.Differences {
		e.Differences = append(e.Differences, policy.Difference{Kind: d.Kind, Where: d.Where, Old: d.Old, New: d.New})
	}
	return e
}

// cut says what did not fit into the event.
func cut(c *notify.Cut) string {
	text := fmt.Sprintf("and %d failures and %d changes", c.Failures, c.Changes)
	if c.Checks > 0 {
		text = fmt.Sprintf("and %d failures, %d changes and %d checks", c.Failures, c.Changes, c.Checks)
	}
	return text + " that did not fit into the event"
}
