package policy

import (
	"fmt"
	"slices"
	"strings"
)

const (
	// maxAnnounced is how often differences are told of one check and rollout.
	maxAnnounced = 3
	// maxMute is how many reasons for saying nothing are told.
	maxMute = 4
	// muteAfter is how many plays in a row must give nothing for that to be told.
	muteAfter = 3
	// reasonOldFailsToo is that of a check which says nothing, since it fails
	// whatever the revision.
	reasonOldFailsToo = "OldFailsToo"
)

// tellCheck tells what a check found beside failures: what changed, and that
// it says nothing.
func (e *Engine) tellCheck(w *workload, c *checked, r CheckResult) {
	if c.differ(r.Differences) && c.announced < maxAnnounced {
		c.announced++
		e.tellOf(w, c, Transition{
			Kind: CheckDiffers, At: r.At, Reason: "Differs",
			Message: fmt.Sprintf("check %s found what changed and is not held against the revision: %s", c.check.Name, listed(c.differences)),
		})
	}
	switch {
	case c.failsOnBoth():
		e.tellMute(w, c, r, reasonOldFailsToo, fmt.Sprintf(
			"%s: it fails on the old revision too, so the check is wrong or what both depend on is away", c.counts()))
	case c.pace.barren >= muteAfter:
		e.tellMute(w, c, r, c.mute.reason, "it gives no result: "+c.mute.why())
	}
}

// why says why there was no result.
func (s said) why() string {
	if s.reason == "" && s.message == "" {
		return "it expects nothing, and there was nothing to compare with"
	}
	return s.message
}

func (e *Engine) tellMute(w *workload, c *checked, r CheckResult, reason, why string) {
	if reason == "" {
		reason = "NoResult"
	}
	if slices.Contains(c.told, reason) || len(c.told) >= maxMute {
		return
	}
	c.told = append(c.told, reason)
	e.tellOf(w, c, Transition{
		Kind: CheckInconclusive, At: r.At, Reason: reason, Message: fmt.Sprintf("check %s says nothing: %s", c.check.Name, why),
	})
}

// tellOf tells a transition about one check. Two checks may have the same to
// say at the same time.
func (e *Engine) tellOf(w *workload, c *checked, t Transition) {
	t.From, t.To = w.phase, w.phase
	t = e.complete(w, t)
	t.ID = id("event", t.ID, c.check.Name)
	e.tell(t)
}

// failsOnBoth tells whether the check fails on the old revision as on the new.
func (c *checked) failsOnBoth() bool {
	return c.freshFailed >= comparedPlays && c.oldFailed >= comparedPlays && c.alike() && c.odds() < least
}

// differ adds what changed to what is known of it, by kind and place, and
// reports whether there is anything new.
func (c *checked) differ(found []Difference) bool {
	before := len(c.differences)
	for _, d := range found {
		known := slices.ContainsFunc(c.differences, func(k Difference) bool { return k.Kind == d.Kind && k.Where == d.Where })
		if !known && len(c.differences) < MaxDifferences {
			d.Kind, d.Where = cutText(d.Kind, MaxMessage), cutText(d.Where, MaxMessage)
			d.Old, d.New = cutText(d.Old, MaxExcerpt), cutText(d.New, MaxExcerpt)
			c.differences = append(c.differences, d)
		}
	}
	return len(c.differences) > before
}

func listed(all []Difference) string {
	var parts []string
	for _, d := range all {
		parts = append(parts, fmt.Sprintf("%s at %s", d.Kind, d.Where))
	}
	return strings.Join(parts, ", ")
}

// silent says, for the record of a good revision, which of its checks have not
// spoken for it; "" if all have.
func (k *checking) silent() string {
	if k == nil {
		return ""
	}
	var mute, both []string
	for _, c := range k.list {
		switch {
		case c.fresh == 0:
			mute = append(mute, c.check.Name)
		case c.failsOnBoth():
			both = append(both, c.check.Name)
		}
	}
	s := ""
	if len(mute) > 0 {
		s = "; no result came from check " + strings.Join(mute, ", ")
	}
	if len(both) > 0 {
		s += "; check " + strings.Join(both, ", ") + " fails on the old revision too"
	}
	return s
}
