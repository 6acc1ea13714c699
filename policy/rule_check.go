package policy

import (
	"fmt"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy/eprocess"
)

const (
	// aloneStreak is how many plays in a row must fail on a revision that has
	// nothing beside it any more, for aloneFor if it never had, and unknownStreak
	// how many, for unknownFor, if the check was never seen to pass on any other
	// revision: then it may be wrong.
	aloneStreak   = 5
	aloneFor      = 30 * time.Second
	unknownStreak = 10
	unknownFor    = time.Minute
	// lateFor is how long a check must fail that had passed on the revision:
	// what comes later has often come from outside.
	lateFor = 5 * time.Minute
	// comparedPlays is how many old answers, none failed, are a comparison.
	comparedPlays = 3
)

// checkRule convicts a revision on which a check fails and on the old one does
// not. Where both are played at the same moment it counts (Layer 1), with an
// equal share of Policy.Budget for each check. Where no old pod is left it
// takes a run of failures (Layer 2), a long one if the check had passed before.
// One bad pod among others that pass convicts nobody.
func checkRule(c *Case) Finding {
	if c.workload == nil || c.workload.rollout.checks == nil {
		return Finding{}
	}
	var best Finding
	for _, one := range c.workload.rollout.checks.list {
		if f := c.checkFinding(one); f.outranks(best) {
			best = f
		}
	}
	return best
}

// share is the budget of each test of the workload: one for each check, and
// one for what pods do by themselves.
func (c *Case) share() float64 {
	budget := c.Policy.budget()
	if c.workload == nil {
		return budget
	}
	return budget / float64(c.workload.rollout.checks.size()+1)
}

func (c *Case) checkFinding(one *checked) Finding {
	threshold, err := eprocess.Threshold(c.share())
	if err != nil || !one.suspicious() {
		return Finding{}
	}
	got := Finding{
		Level: Suspicious, Reason: "CheckFailed", Failures: []Failure{one.failure()},
		Message: fmt.Sprintf("check %s: %s", one.check.Name, one.counts()),
	}
	how, enough := one.decides(c, threshold)
	got.Message += "; " + how
	if one.failed.message != "" {
		got.Message += "; the last failure: " + one.failed.message
	}
	switch warm := c.workload.rollout.checks.ready.Add(WarmUp); {
	case !enough || one.recent&1 == 0:
	case !one.widespread():
		got.Message += "; one pod fails far more often than the others, which may be its own fault"
	case c.At.Before(warm):
		got.WakeAt = warm
		got.Message += fmt.Sprintf("; until %s the first pods may still be warming up", clock(warm))
	default:
		got.Level = Convicting
	}
	return got
}

// suspicious tells whether the check speaks against the revision: it failed
// lately or keeps failing now and then, and the old one does not do as badly.
func (c *checked) suspicious() bool {
	if c.failedOf(16) == 0 {
		return false
	}
	seldom := c.failedOf(5) == 0 && (c.failedOf(64) < 3 || 10*c.failedOf(64) < min(c.plays, 64))
	return c.odds() >= least || !c.alike() && !seldom
}

// counts says what was counted.
func (c *checked) counts() string {
	s := fmt.Sprintf("%d of %s on the new revision failed", c.freshFailed, count(int32(min(c.fresh, 1<<30)), "play")) //nolint:gosec // bounded
	if c.old > 0 {
		return s + fmt.Sprintf(", %d of %d on the old one", c.oldFailed, c.old)
	}
	return s + ", none on an old one gave a result"
}

// decides tells whether the evidence suffices, and in words how that is decided.
func (c *checked) decides(of *Case, threshold float64) (how string, enough bool) {
	odds := c.odds()
	how = fmt.Sprintf("%.0f to 1 that the revision is worse, %.0f to 1 convicts", odds, threshold)
	if odds >= threshold {
		return how, true
	}
	want, during, possible := c.alone()
	if !possible {
		return how, false
	}
	pods := min(2, int(of.Revision.Ready))
	s := c.streak
	how = fmt.Sprintf("%d failed in a row with no old pod beside, %d convict", s.n, want)
	if during > 0 {
		how += fmt.Sprintf(" if they last %s", round(during))
	}
	return how, s.n >= want && of.At.Sub(s.since) >= during && (len(s.pods) == 0 || len(s.pods) >= pods)
}

// alone is how long a run of failures must be where nothing can be compared. It
// is not possible while old pods answer, nor if the check fails on the old
// revision now and then, nor without either an expectation or old answers.
func (c *checked) alone() (want int, during time.Duration, possible bool) {
	old, failed := c.old+c.prior, c.oldFailed+c.priorFailed
	compared := c.old >= comparedPlays && c.oldFailed == 0
	switch {
	case !c.lone && c.old > 0, failed > 0 && 10*failed >= old, !compared && !c.streak.absolute:
		return 0, 0, false
	case c.fresh > c.freshFailed:
		return unknownStreak, lateFor, true
	case compared:
		return aloneStreak, 0, true
	case c.passedBefore:
		return aloneStreak, aloneFor, true
	}
	return unknownStreak, unknownFor, true
}

// widespread tells whether it is more than one bad pod among good ones: those
// other than the worst must fail as well, at least a quarter as often.
func (c *checked) widespread() bool {
	if len(c.pods) < 2 {
		return true
	}
	var worst podCount
	n, failed := 0, 0
	for _, p := range c.pods {
		n, failed = n+p.passed+p.failed, failed+p.failed
		if p.failed > worst.failed {
			worst = p
		}
	}
	of := worst.passed + worst.failed
	return failed > worst.failed && 4*(failed-worst.failed)*of >= worst.failed*(n-of)
}

// failure is that plays failed, as a failure of its own. It names no pods: what
// a check finds does not show in a pod's status, so that there is nothing to
// look at again before a write. The check's evidence names them.
func (c *checked) failure() Failure {
	f := Failure{
		Reason: reasonCheckFailed, Message: c.failed.message, Count: int32(min(c.freshFailed, 1<<30)), //nolint:gosec // bounded
		First: c.first, Last: c.last,
	}
	var nodes []string
	for _, p := range c.pods {
		if p.failed == 0 {
			continue
		}
		f.Pods++
		f.MaxCount = max(f.MaxCount, int32(min(p.failed, 1<<30))) //nolint:gosec // bounded
		if p.failed > 1 {
			f.Repeated++
		}
		if p.node != "" && !slices.Contains(nodes, p.node) {
			nodes = append(nodes, p.node)
		}
	}
	f.Nodes = int32(len(nodes)) //nolint:gosec // at most maxPods
	return f
}

// The reasons of what a revision does, rather than of how its pods fare.
const (
	reasonCheckFailed = "CheckFailed"
	reasonReportedBad = "ReportedBad"
)

// evidence is what the check has shown, for events and records.
func (c *checked) evidence() CheckEvidence {
	ev := CheckEvidence{
		Check: c.check.Name, New: c.fresh, NewFailed: c.freshFailed, Old: c.old, OldFailed: c.oldFailed, Inconclusive: c.none,
		Odds: max(1, int64(c.odds())), Differences: slices.Clone(c.differences),
	}
	said := c.mute
	if c.freshFailed > 0 {
		said = c.failed
	}
	ev.Reason, ev.Step, ev.Message, ev.Excerpt = said.reason, said.step, said.message, said.excerpt
	for _, p := range c.pods {
		if p.failed > 0 && len(ev.Pods) < MaxSamples {
			ev.Pods = append(ev.Pods, p.name)
		}
	}
	return ev
}

// evidence is what every check that was played has shown, those that failed
// first; at most maxChecks.
func (k *checking) evidence() []CheckEvidence {
	if k == nil {
		return nil
	}
	var list []CheckEvidence
	for _, failed := range [2]bool{true, false} {
		for _, c := range k.list {
			if c.fresh+c.old+c.none > 0 && (c.freshFailed > 0) == failed && len(list) < maxChecks {
				list = append(list, c.evidence())
			}
		}
	}
	return list
}
