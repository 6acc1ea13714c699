package metric

import (
	"context"
	"strconv"
	"time"

	"github.com/undog-dev/undog/watcher/check"
)

// bounded asks for one number of each revision.
func (c *Check) bounded(ctx context.Context, at time.Time, w Workload, fresh, old Revision) check.Sample {
	now := &question{query: c.metric.Query, revision: fresh, pods: fresh.names(), at: at}
	before := &question{query: c.metric.Query, revision: old, pods: old.names(), at: at}
	asked := []*question{now}
	if len(old.Pods) > 0 {
		asked = append(asked, before)
	}
	c.ask(ctx, w, asked...)
	var beside []check.Result
	if len(asked) > 1 {
		beside = append(beside, c.within(before))
	}
	s := check.Tally([]check.Result{c.within(now)}, beside)
	// All pods were asked about at once; Sample names them.
	s.Pods = nil
	s.Absolute = s.NewFailed > 0 && s.OldFailed == 0
	s.RetryAfter = patience(asked)
	return s
}

// within holds a number against the bounds.
func (c *Check) within(q *question) check.Result {
	if q.problem != nil {
		return check.Result{Outcome: check.Inconclusive, Reason: q.problem.Reason, Message: q.problem.Text}
	}
	bound := ""
	switch {
	case c.metric.Max != nil && q.number > *c.metric.Max:
		bound = "at most " + short(*c.metric.Max)
	case c.metric.Min != nil && q.number < *c.metric.Min:
		bound = "at least " + short(*c.metric.Min)
	default:
		return check.Result{Outcome: check.Passed}
	}
	return check.Result{
		Outcome: check.Failed, Reason: check.ReasonExpectation, Expectation: bound,
		Message: "the query gives " + short(q.number) + ", expected was " + bound,
	}
}

// short writes a number for people.
func short(f float64) string { return strconv.FormatFloat(f, 'g', 6, 64) }

// patience is the longest time that the server asked to be left alone for.
func patience(questions []*question) time.Duration {
	longest := time.Duration(0)
	for _, q := range questions {
		if q.problem != nil {
			longest = max(longest, q.problem.RetryAfter)
		}
	}
	return longest
}
