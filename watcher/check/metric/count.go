package metric

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/undog-dev/undog/watcher/check"
)

const (
	// maxWeight is how many trials one look weighs on a side.
	maxWeight = 20
	// tooLong is how long ago the look before may be.
	tooLong = 10 * time.Minute
	// maxLooks is how many pairs of revisions are remembered.
	maxLooks = 4096
)

// pair names two revisions by their UIDs.
type pair struct{ fresh, old string }

// look is when counters were last looked at, in which pods, and what was less
// than one failed trial.
type look struct {
	at                   time.Time
	fresh, old           []string
	freshCarry, oldCarry float64
}

// looks remembers the last look at each pair.
type looks struct {
	mu   sync.Mutex
	last map[pair]look
}

func (l *looks) get(p pair, at time.Time) (look, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k, ok := l.last[p]
	return k, ok && at.Sub(k.at) <= tooLong && k.at.Before(at)
}

func (l *looks) put(p pair, k look) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.last[p]; !ok && len(l.last) >= maxLooks {
		l.last = map[pair]look{} // All begin to count anew.
	}
	for other, o := range l.last {
		if k.at.Sub(o.at) > tooLong {
			delete(l.last, other)
		}
	}
	l.last[p] = k
}

// counted asks by how much the counters of each revision have grown.
func (c *Check) counted(ctx context.Context, at time.Time, w Workload, fresh, old Revision) check.Sample {
	key := pair{fresh.UID, old.UID}
	now := look{at: at, fresh: fresh.names(), old: old.names()}
	before, ok := c.looks.get(key, at)
	if !ok {
		c.looks.put(key, now)
		return unknown(&Problem{Reason: check.ReasonNoData, Text: "counting begins with this look"})
	}
	now.freshCarry, now.oldCarry = before.freshCarry, before.oldCarry
	one := c.side(fresh, both(before.fresh, now.fresh), before.at, at)
	two := c.side(old, both(before.old, now.old), before.at, at)
	asked := one.questions()
	if len(old.Pods) > 0 {
		asked = append(asked, two.questions()...)
	}
	c.ask(ctx, w, asked...)
	for _, q := range asked {
		if q.problem != nil && q.problem.Reason != check.ReasonNoData {
			s := unknown(q.problem) // The next look goes back to the same one.
			s.RetryAfter = patience(asked)
			return s
		}
	}
	problem := one.grow()
	if problem == nil && len(old.Pods) > 0 {
		problem = two.grow()
	}
	if problem != nil {
		now.freshCarry, now.oldCarry = 0, 0
		c.looks.put(key, now)
		return unknown(problem)
	}
	s := check.Sample{}
	s.New, s.NewFailed, now.freshCarry = weigh(one.tried, one.failed, now.freshCarry)
	s.Old, s.OldFailed, now.oldCarry = weigh(two.tried, two.failed, now.oldCarry)
	c.looks.put(key, now)
	s.Result = one.against(&two, at.Sub(before.at), &s)
	return s
}

// unknown is a sample in which nothing was learned.
func unknown(p *Problem) check.Sample {
	return check.Sample{Result: check.Result{Outcome: check.Inconclusive, Reason: p.Reason, Message: p.Text}}
}

// both are the names that are in both lists.
func both(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(name string) bool {
		_, found := slices.BinarySearch(b, name)
		return !found
	})
}

// side is what is asked about one revision: both counters at both ends.
type side struct {
	failuresFrom, failuresTo, totalFrom, totalTo *question
	failed, tried                                float64
}

func (c *Check) side(r Revision, pods []string, from, to time.Time) side {
	put := func(query string, at time.Time) *question {
		return &question{query: query, revision: r, pods: pods, at: at}
	}
	return side{
		failuresFrom: put(c.metric.Failures, from), failuresTo: put(c.metric.Failures, to),
		totalFrom: put(c.metric.Total, from), totalTo: put(c.metric.Total, to),
	}
}

func (s *side) questions() []*question {
	return []*question{s.failuresFrom, s.failuresTo, s.totalFrom, s.totalTo}
}

// grow says by how much the counters have grown, or why that is not known. No
// series of failures means none: many programs make it with the first one.
func (s *side) grow() *Problem {
	switch {
	case len(s.totalTo.pods) == 0:
		return &Problem{Reason: check.ReasonNoData, Text: "no pod of the revision was there at the look before"}
	case s.totalTo.problem != nil:
		return s.totalTo.problem
	case s.totalFrom.problem != nil:
		return &Problem{Reason: check.ReasonNoData, Text: "there were no data at the look before: " + s.totalFrom.problem.Text}
	}
	from, to := s.failuresFrom.number, s.failuresTo.number
	if s.failuresFrom.problem != nil {
		from = 0
	}
	if s.failuresTo.problem != nil {
		to = 0
	}
	s.failed, s.tried = to-from, s.totalTo.number-s.totalFrom.number
	switch {
	case s.failed < 0 || s.tried < 0:
		return &Problem{Reason: check.ReasonNoData, Text: "a counter fell since the look before, as after a restart; counting begins anew"}
	case s.failed > s.tried:
		return &Problem{Reason: check.ReasonNoData, Text: fmt.Sprintf("failures grew by %s and the total only by %s; the queries do not belong together",
			short(s.failed), short(s.tried))}
	}
	return nil
}

// weigh makes trials of a growth. carry is what earlier looks left over.
func weigh(tried, failed, carry float64) (n, bad int, rest float64) {
	n = int(math.Min(math.Floor(tried), maxWeight))
	if n == 0 {
		return 0, 0, carry
	}
	share := failed/tried*float64(n) + carry
	// Sums of fractions may end just short of a whole number.
	bad = min(int(math.Floor(share+1e-9)), n)
	return n, bad, math.Min(math.Max(share-float64(bad), 0), 1)
}

// against says in words what the growth of both shows.
func (s *side) against(old *side, since time.Duration, sample *check.Sample) check.Result {
	if sample.New == 0 {
		return check.Result{Outcome: check.Inconclusive, Reason: check.ReasonNoData, Message: "the total did not grow since the look before"}
	}
	r := check.Result{
		Outcome: check.Passed,
		Message: fmt.Sprintf("%s failed in %s", s.ratio(), since.Round(time.Second)),
	}
	if sample.Old > 0 {
		r.Message += ", " + old.ratio() + " on the old revision"
	}
	if sample.NewFailed == 0 {
		return r
	}
	r.Outcome, r.Reason = check.Failed, check.ReasonDifference
	if sample.Old > 0 && s.failed*old.tried <= old.failed*s.tried {
		r.Outcome = check.Inconclusive
		r.Message += "; that one fails as often"
	}
	return r
}

func (s *side) ratio() string {
	return fmt.Sprintf("%s of %s (%s %%)", short(s.failed), short(s.tried), short(100*s.failed/s.tried))
}
