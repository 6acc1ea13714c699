package policy

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"
)

// pace is when a check is played.
type pace struct {
	// asked counts the plays that were asked for, quick those at the quick pace,
	// barren those in a row that gave nothing.
	asked, quick, barren int
	// open is the decision that waits for its result, "" if none does; to is
	// what it is played on beside the revision, since when it was asked.
	open  string
	to    RevisionRef
	since time.Time
	// due is when to play next; zero is at once.
	due time.Time
}

const (
	// givenUpAfter is how long a play may take until it is asked for anew.
	// Three plays of the longest, one after the other, end before.
	givenUpAfter = 7 * time.Minute
	// youngFor is how long, once a pod is ready, every second counts.
	youngFor = time.Minute
	// quickEvery is the pace for what is young or suspected, and maxQuick how
	// often that pace may be used: whoever is suspected for long can wait.
	quickEvery = time.Second
	maxQuick   = 600
	// slowEvery is the pace for what is convicted and left in place.
	slowEvery = time.Minute
	// barrenEvery is the wait after a play that gave nothing; it doubles, up
	// to longestBarren.
	barrenEvery, longestBarren = 2 * time.Second, time.Minute
	// longestPatience bounds how long an application may ask to be left alone.
	longestPatience = 10 * time.Minute
)

// play asks for the checks that are due. Nothing else waits for them, and a
// write that is under way does not keep results from being taken in.
func (e *Engine) play(w *workload, rev *Revision, at time.Time) {
	k := w.rollout.checks
	if k == nil || e.role == standsBy || !w.played(rev) {
		return
	}
	if k.ready.IsZero() {
		k.ready = earliest(at, rev.ReadySince)
		if _, late := e.came(&w.rollout); late {
			for _, c := range k.list {
				c.pace.due = at.Add(spread(w.obs.Workload, c.check, 0, c.check.every()))
			}
		}
	}
	to := e.caseOf(w, rev, at).opponent()
	for _, c := range k.list {
		p := &c.pace
		if p.open != "" && at.Before(p.since.Add(givenUpAfter)) {
			e.wakeBy(w, p.since.Add(givenUpAfter), at)
			continue
		}
		if p.open = ""; at.Before(p.due) {
			e.wakeBy(w, p.due, at)
			continue
		}
		if !c.check.matches(w.obs) {
			continue
		}
		p.asked++
		p.to, p.since = to, at
		p.open = decisionID(e.settings.Cluster, w.obs.Workload, rev.UID,
			fmt.Sprintf("play %s %d %d", c.check.Name, w.rollout.startedAt.UnixNano(), p.asked))
		e.decide(Decision{
			ID: p.open, Kind: Play, Workload: w.obs.Workload, Generation: w.obs.Generation,
			From: rev.RevisionRef, To: w.comparedWith(to), Check: c.check.Name,
		})
		e.wakeBy(w, at.Add(givenUpAfter), at)
	}
}

// played tells whether checks are played on the current revision: it is being
// judged, and has a pod to play on.
func (w *workload) played(rev *Revision) bool {
	if w.obs == nil || w.pending != nil || rev.Ready == 0 {
		return false
	}
	switch w.phase {
	case PhaseNone, Healthy, RollingBack, RolledBack:
		return false
	case Progressing, Suspect, Baking, Held, Halted:
	}
	rec, known := w.record(rev.RevisionRef)
	return !known || rec.Verdict != Good
}

// opponent is the revision that the current one is compared with: another with
// ready pods, best the one to return to, then the one that it replaces. One
// that was found bad is nothing to compare with.
func (c *Case) opponent() RevisionRef {
	var best RevisionRef
	rank := -1
	r := &c.workload.rollout
	c.old(func(old *Revision) bool {
		now := 0
		switch {
		case old.Ready == 0:
			return false
		case old.Template == r.base.get().Template:
			now = 2
		case old.Template == r.previous.get().Template:
			now = 1
		}
		if now > rank || now == rank && old.Number > best.Number {
			best, rank = old.RevisionRef, now
		}
		return false
	})
	return best
}

// comparedWith is the revision that the current one is compared with. Where none
// has a ready pod it is the one to return to: what it answered may be kept.
func (w *workload) comparedWith(opponent RevisionRef) RevisionRef {
	if opponent.UID == "" {
		return w.rollout.base.get()
	}
	return opponent
}

// checkedBy takes the result of a play.
func (e *Engine) checkedBy(r CheckResult) {
	w := e.workloads[keyOf(r.Workload)]
	if w == nil || w.obs == nil || w.rollout.revision.UID != r.Revision {
		return
	}
	k := w.rollout.checks
	c := k.named(r.Check)
	if c == nil || c.pace.open == "" || c.pace.open != r.DecisionID {
		return
	}
	c.pace.open = ""
	r = r.possible()
	if r.New == 0 && r.Reason == RefusedNotLeader {
		// It was not played at all.
		c.pace.due = r.At.Add(DefaultEvery)
		e.judge(w, r.At)
		return
	}
	if rev := w.obs.current(); rev != nil && c.starting(r, k.ready, derivedReadyWithin(w.obs, rev, w.rollout.policy)) {
		r = r.withoutNew()
	} else {
		c.pace.answered(r)
	}
	c.take(r, c.pace.to, k.young(r.At))
	c.pace.due = r.At.Add(e.wait(w, c, r))
	e.tellCheck(w, c, r)
	e.judge(w, r.At)
}

// possible is the result with counts that can be.
func (r CheckResult) possible() CheckResult {
	r.New, r.Old = max(r.New, 0), max(r.Old, 0)
	r.NewFailed, r.OldFailed = min(max(r.NewFailed, 0), r.New), min(max(r.OldFailed, 0), r.Old)
	r.Pods = r.Pods[:min(len(r.Pods), MaxChecked)]
	r.Differences = r.Differences[:min(len(r.Differences), MaxDifferences)]
	return r
}

func (p *pace) answered(r CheckResult) {
	if r.New == 0 {
		p.barren++
	} else {
		p.barren = 0
	}
}

// wait is how long after a result a check is played again.
func (e *Engine) wait(w *workload, c *checked, r CheckResult) time.Duration {
	wait := c.check.every()
	switch {
	case c.pace.barren > 0 && r.At.Before(w.rollout.checks.ready.Add(youngFor)):
		// It must have a chance to speak before a short bake is over.
		wait = barrenEvery
	case c.pace.barren > 0:
		wait = min(barrenEvery<<min(c.pace.barren-1, 5), longestBarren)
	case w.phase != Held && w.phase != Halted && c.pace.quick < maxQuick && (r.At.Before(w.rollout.checks.ready.Add(youngFor)) || c.pressing()):
		wait = min(wait, quickEvery)
		c.pace.quick++
	}
	if rec, known := w.record(w.rollout.revision); known && rec.Verdict == Bad && rec.Withdrawn == nil &&
		(w.phase == Held || w.phase == Halted || w.phase == Baking) {
		wait = max(wait, slowEvery)
	}
	wait = max(wait, min(r.RetryAfter, longestPatience))
	return wait + spread(w.obs.Workload, c.check, c.pace.asked, wait/4)
}

// pressing tells whether the next play may decide: it failed lately, or more
// often than on the old revision.
func (c *checked) pressing() bool {
	return !c.alike() && c.failedOf(5) > 0 || c.freshFailed > 0 && c.failedOf(64) > 0 && c.odds() > 1
}

func (c *Check) every() time.Duration {
	if c.Every <= 0 {
		return DefaultEvery
	}
	return c.Every
}

// spread is a part of a time that depends on nothing but the workload, the check
// and the number of the play, so that many workloads do not play at once.
func spread(w Workload, c *Check, n int, within time.Duration) time.Duration {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", w.UID, c.Name, n))
	share := float64(binary.BigEndian.Uint32(sum[:])) / (1 << 32)
	return time.Duration(share * float64(within)).Truncate(time.Millisecond)
}
