package policy

import (
	"fmt"
	"time"
)

// sentence is the verdict for people: what undog thinks of the current revision
// and does about it.
func (c *Case) sentence(x *Explanation) string {
	rec, known := c.workload.record(c.Revision.RevisionRef)
	name := c.Revision.describe()
	switch {
	case known && rec.Verdict == Bad:
		return c.convictedSentence(name, rec)
	case c.workload.phase == RolledBack:
		return fmt.Sprintf("undog returned to %s; %s", name, c.progress())
	case known && rec.Verdict == Good:
		why := rec.Message
		if rec.Withdrawn != nil {
			why = rec.Withdrawn.Message
		}
		return fmt.Sprintf("%s is good: %s", name, why)
	case c.workload.phase == Healthy && c.workload.rollout.unjudged:
		return fmt.Sprintf("%s is not judged: its rollout was over before undog came, so what goes wrong now is not the release's doing", name)
	case c.workload.phase == Healthy:
		return fmt.Sprintf("%s is good: it has been available through its bake window", name)
	case x.Finding.Level == Convicting.String():
		return c.convictingSentence(name, x)
	case x.Finding.Level == Suspicious.String():
		return fmt.Sprintf("%s is suspected, not convicted: %s", name, x.Finding.Message)
	case !x.BakeUntil.IsZero():
		return fmt.Sprintf("nothing speaks against %s; it is complete and will be good at %s if it stays so", name, clock(x.BakeUntil))
	}
	return fmt.Sprintf("nothing speaks against %s; %s", name, c.progress())
}

// convictingSentence is for evidence that suffices and has not been acted upon.
func (c *Case) convictingSentence(name string, x *Explanation) string {
	s := fmt.Sprintf("%s is bad: %s", name, x.Finding.Message)
	for _, v := range x.Vetoes {
		if v.Holds && !v.Off {
			return s + "; held: " + v.Message
		}
	}
	if x.Why != "" {
		return s + "; nothing is done, since " + x.Why
	}
	return s
}

// convictedSentence is for a revision that has its verdict.
func (c *Case) convictedSentence(name string, rec Record) string {
	s := fmt.Sprintf("%s was found bad at %s: %s", name, clock(rec.At), rec.Message)
	_, undone := c.workload.rollback(rec.DecisionID)
	switch {
	case rec.Withdrawn != nil:
		return s + "; withdrawn: " + rec.Withdrawn.Message
	case rec.Contested != nil:
		return s + "; contested: " + rec.Contested.Message
	case rec.Refused != nil:
		return s + "; not undone: " + rec.Refused.Message
	case rec.DecisionID == "" && rec.Action == ActionNotify:
		return s + "; nothing was done: " + c.Policy.onlyTells(c.Observation)
	case rec.DecisionID == "":
		return s + "; nothing was done, " + c.engine.wouldHave(c.workload, rec)
	case undone:
		return s + "; undone, and back"
	case rec.DecisionID != "" && c.Observation.PausedBy == rec.DecisionID:
		return s + "; undog paused the workload for that: change the template, or run undog resume"
	}
	return s
}

// progress says how far the rollout has come.
func (c *Case) progress() string {
	o := c.Observation
	if o.complete() {
		return fmt.Sprintf("it is complete, %d of %d pods available", o.AvailableReplicas, o.Replicas)
	}
	return fmt.Sprintf("it is being rolled out, %d of %d pods updated and %d available", o.UpdatedReplicas, o.Replicas, o.AvailableReplicas)
}

// clock is a time as people read it in a report.
func clock(t time.Time) string { return t.UTC().Format("15:04:05 MST") }

// String is the level's name.
func (l Level) String() string {
	switch l {
	case Convicting:
		return "Convicting"
	case Suspicious:
		return "Suspicious"
	case Clear:
	}
	return "Clear"
}
