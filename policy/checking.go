package policy

import (
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/undog-dev/undog/policy/eprocess"
)

// checking is what checks have shown of the revision that is being judged. nil
// where no check is for the workload.
type checking struct {
	// list is every check of the workload, in the order of Settings.Checks. None
	// comes in later, and one that goes leaves its share of the budget.
	list []*checked
	// shares is how many there were when the rollout began.
	shares int
	// ready is since when a pod of the revision has been ready, zero until one is.
	ready time.Time
}

// checked is one check in one rollout: when it is played and what it has shown.
//
// Two tests are played, and their mean counts. Side by side compares what both
// revisions answered at the same moment; it holds whatever the weather is. The
// one against history is for plays without an old pod: it pairs them with old
// answers that are kept for that, each used once, and cannot know today's weather.
// So of a run of failures it sees the first alone, since an outage is one
// accident, and only a play in a while: what lasts for seconds convicts nobody.
type checked struct {
	check *Check
	pace  pace

	beside, history eprocess.Trials
	// spare holds old answers that history has not used yet, one for each play
	// and true where a pod failed; own those of the revision itself, which serve
	// the next one.
	spare, own []bool
	// paired is when history was played last.
	paired time.Time
	// prior and priorFailed count the spare answers from before the rollout.
	prior, priorFailed int
	// passedBefore says that the check passed on another revision, as far as
	// this process remembers.
	passedBefore bool

	fresh, freshFailed, old, oldFailed, none int
	// olds is the same by the revision that was compared with.
	olds []oldCount
	pods []podCount
	// silent holds pods that have not answered yet; at most maxPods.
	silent []firstSilence
	// recent has a bit for each of the last 64 plays, the last one lowest, set
	// where it failed; plays counts those that gave a result.
	recent uint64
	plays  int
	streak streak
	// first and last are when it first and last failed.
	first, last time.Time
	// lone says that there was no old revision to play the last one on.
	lone         bool
	failed, mute said
	differences  []Difference
	// announced bounds how often differences are told; told holds what else was.
	announced int
	told      []string
}

// said is what a result says for people.
type said struct{ reason, step, message, excerpt string }

// oldCount is what plays on one other revision gave.
type oldCount struct {
	revision  RevisionRef
	n, failed int
}

// podCount is what plays on one pod of the revision gave.
type podCount struct {
	name, node     string
	passed, failed int
}

// streak is the run of plays, up to the last one, of which all failed.
type streak struct {
	n        int
	since    time.Time
	absolute bool
	pods     []string
}

// The bounds of what is kept of a check.
const (
	maxSpare    = 256
	maxPods     = 64
	maxOlds     = 4
	maxChecks   = 8
	maxInFavour = 14 // The logarithm of odds beyond which more failures say nothing new.
	// historyEvery is how often a play without an old pod is compared with old
	// answers at most.
	historyEvery = 10 * time.Second
	// forgivenAfter is how many plays in a row must pass, without an old pod
	// to compare with, for what was there before to be over.
	forgivenAfter = 32
)

// checksOf is every check that is for a workload.
func (e *Engine) checksOf(o *Observation) []*Check {
	var list []*Check
	for i := range e.settings.Checks {
		if c := &e.settings.Checks[i]; c.matches(o) {
			list = append(list, c)
		}
	}
	return list
}

func (c *Check) matches(o *Observation) bool {
	return c.Match == nil || c.Match(o.Workload.Namespace, o.Labels)
}

// beginChecks starts anew with the checks of a workload whose next revision is
// judged. What they showed of the one before is what that one is known by.
func (e *Engine) beginChecks(w *workload) *checking {
	list := e.checksOf(w.obs)
	if len(list) == 0 {
		return nil
	}
	k := &checking{shares: len(list)}
	for _, check := range list {
		c := &checked{check: check}
		if before := w.rollout.checks.named(check.Name); before != nil && before.check.same(check) {
			c.inherit(before, w.phase == Healthy)
		}
		k.list = append(k.list, c)
	}
	return k
}

// inherit takes over what is known of the check from the rollout before. Only
// the answers of a revision that was proven are something to compare with.
func (c *checked) inherit(before *checked, proven bool) {
	c.passedBefore = before.passedBefore || before.fresh > before.freshFailed || before.old > before.oldFailed
	c.spare = before.spare
	if proven && len(before.own) > 0 {
		c.spare = before.own
	}
	c.prior = len(c.spare)
	for _, failed := range c.spare {
		if failed {
			c.priorFailed++
		}
	}
}

// settle keeps only what serves the next rollout.
func (k *checking) settle() {
	if k == nil {
		return
	}
	for i, c := range k.list {
		k.list[i] = &checked{
			check: c.check, spare: c.spare, own: c.own, passedBefore: c.passedBefore,
			fresh: c.fresh, freshFailed: c.freshFailed, old: c.old, oldFailed: c.oldFailed, none: c.none,
		}
	}
}

// named is the check of a name, nil if there is none.
func (k *checking) named(name string) *checked {
	if k == nil {
		return nil
	}
	for _, c := range k.list {
		if c.check.Name == name {
			return c
		}
	}
	return nil
}

// size is how many checks the workload has.
func (k *checking) size() int {
	if k == nil {
		return 0
	}
	return k.shares
}

// young tells whether a time is in the warm-up of the first pods.
func (k *checking) young(at time.Time) bool { return at.Before(k.ready.Add(WarmUp)) }

// take counts a result. It was played on to, if that is a revision at all.
func (c *checked) take(r CheckResult, to RevisionRef, young bool) {
	before := c.recent&1 == 1
	c.lone = to.UID == ""
	c.takeOld(r, to)
	if r.New == 0 {
		c.none++
		c.mute = saying(r)
		c.beside.Observe(eprocess.Block{Old: r.Old, OldFail: r.OldFailed})
		c.keepOld(r)
		return
	}
	c.fresh, c.freshFailed = c.fresh+r.New, c.freshFailed+r.NewFailed
	c.plays++
	c.recent <<= 1
	if r.NewFailed > 0 {
		c.recent |= 1
		c.last = r.At
		if c.first.IsZero() {
			c.first = r.At
		}
		c.failed = saying(r)
	}
	for _, p := range r.Pods {
		c.takePod(p)
	}
	c.streak.take(r)
	if r.Old > 0 {
		c.bet(&c.beside, eprocess.Block{New: r.New, NewFail: r.NewFailed, Old: r.Old, OldFail: r.OldFailed})
	} else if !before && !young && !r.At.Before(c.paired.Add(historyEvery)) {
		c.pair(r)
	}
	c.keepOld(r)
	c.own = keep(c.own, r.NewFailed > 0)
	if r.NewFailed == 0 && (young || r.Old == 0 && c.passedInARow() >= forgivenAfter) {
		c.beside, c.history = forgiven(c.beside), forgiven(c.history)
	}
}

// pair compares a play that had no old pod beside it with old answers that were
// kept. What pods answer at one moment has one cause more often than not, so a
// moment is one answer, whatever the number of pods; where they differ it counts
// for the revision.
func (c *checked) pair(r CheckResult) {
	c.paired = r.At
	old, failed := c.spend(2)
	b := eprocess.Block{New: 1, Old: old, OldFail: failed}
	if r.NewFailed == r.New {
		b.NewFail = 1
	}
	c.bet(&c.history, b)
}

// bet plays a block. Failures beyond what convicts anywhere are left out, which
// is no evidence against the revision and lets it heal sooner.
func (c *checked) bet(t *eprocess.Trials, b eprocess.Block) {
	if b.NewFail > 0 && t.Log() > maxInFavour {
		return
	}
	t.Observe(b)
}

// forgiven is a test that goes on with new estimates and without what it has
// won. What it has lost stays lost, so that it is no second test.
func forgiven(t eprocess.Trials) eprocess.Trials { return eprocess.Trials{Sum: min(t.Sum, 0)} }

func (c *checked) takeOld(r CheckResult, to RevisionRef) {
	if r.Old == 0 {
		return
	}
	c.old, c.oldFailed = c.old+r.Old, c.oldFailed+r.OldFailed
	i := slices.IndexFunc(c.olds, func(o oldCount) bool { return o.revision.UID == to.UID })
	if i < 0 {
		if len(c.olds) == maxOlds {
			return
		}
		i = len(c.olds)
		c.olds = append(c.olds, oldCount{revision: to})
	}
	c.olds[i].n += r.Old
	c.olds[i].failed += r.OldFailed
}

// takePod counts what one pod gave; beyond maxPods only those known.
func (c *checked) takePod(p CheckedPod) {
	i := slices.IndexFunc(c.pods, func(k podCount) bool { return k.name == p.Name })
	if i < 0 {
		if len(c.pods) == maxPods {
			return
		}
		i = len(c.pods)
		c.pods = append(c.pods, podCount{name: p.Name, node: p.Node})
	}
	if p.Failed {
		c.pods[i].failed++
	} else {
		c.pods[i].passed++
	}
}

func (s *streak) take(r CheckResult) {
	if r.NewFailed < r.New {
		*s = streak{}
		return
	}
	if s.n == 0 {
		s.since, s.absolute = r.At, true
	}
	s.n++
	// A pod of the old revision that passes at the same moment is as good as an expectation.
	s.absolute = s.absolute && (r.Absolute || r.Old > r.OldFailed)
	for _, p := range r.Pods {
		if len(s.pods) < maxPods && !slices.Contains(s.pods, p.Name) {
			s.pods = append(s.pods, p.Name)
		}
	}
}

// keepOld keeps what the old pods answered for plays that will have none beside them.
func (c *checked) keepOld(r CheckResult) {
	if r.Old > 0 {
		c.spare = keep(c.spare, r.OldFailed > 0)
	}
}

// keep adds an answer to those that are kept.
func keep(list []bool, failed bool) []bool {
	if len(list) < maxSpare {
		return append(list, failed)
	}
	return append(slices.Clone(list[1:]), failed)
}

// spend uses up to n of the answers that are kept.
func (c *checked) spend(n int) (used, failed int) {
	used = min(n, len(c.spare))
	for _, f := range c.spare[:used] {
		if f {
			failed++
		}
	}
	c.spare = c.spare[used:]
	return used, failed
}

// odds is how many to one the evidence stands against the revision.
func (c *checked) odds() float64 {
	return math.Exp(min(eprocess.Mean(
		eprocess.Part{Weight: 1, Log: c.beside.Log()}, eprocess.Part{Weight: 1, Log: c.history.Log()}), maxInFavour+10))
}

// alike tells whether the old revision fails as well, at least half as often: now,
// or with what it did before the rollout.
func (c *checked) alike() bool {
	half := func(old, failed int) bool { return failed > 0 && 2*failed*c.fresh >= c.freshFailed*old }
	return half(c.old, c.oldFailed) || half(c.old+c.prior, c.oldFailed+c.priorFailed)
}

// failedOf tells how many of the last n plays failed, n at most 64.
func (c *checked) failedOf(n int) int { return bits.OnesCount64(c.recent << (64 - n)) }

// passedInARow is how many plays have passed since the last one that failed.
func (c *checked) passedInARow() int {
	if c.recent == 0 {
		return c.plays
	}
	return bits.TrailingZeros64(c.recent)
}

func saying(r CheckResult) said {
	return said{
		reason: cutText(r.Reason, MaxMessage), step: cutText(r.Step, MaxMessage),
		message: cutText(r.Message, MaxMessage), excerpt: cutText(r.Excerpt, MaxExcerpt),
	}
}

// cutText is at most n bytes of a text, and no half of a rune.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
