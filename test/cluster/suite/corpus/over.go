package corpus

import (
	"slices"
	"strconv"
	"time"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/test/corpus/scenario"
	"github.com/undog-dev/undog/test/script"
)

// goodEvent is told when a revision was found good.
const goodEvent = "verdict.good"

// restlessAtLeast is how long a rollout may take before its last pod plays.
const restlessAtLeast = time.Minute

// over tells whether nothing more is to come of what is expected.
func (p *player) over() (bool, error) {
	if len(p.steps) > 0 || time.Now().Before(p.zero) || p.dog.journal == nil {
		return false, nil
	}
	events, _, err := p.dog.journal.in(p.namespace)
	if err != nil {
		return false, err
	}
	for _, e := range p.scenario.Expected(p.cell) {
		if !p.settled(e, events) {
			return false, nil
		}
	}
	return true, nil
}

// settled tells whether a workload has come to its end: it was undone as often
// as is expected and some time has passed, or what is there now was found good
// after everything that happened.
func (p *player) settled(e scenario.Expect, events []notify.Event) bool {
	if !p.told(e, events) {
		return false
	}
	undone, last := p.eyes.rollbacks(e.Workload)
	if undone >= max(e.Undos, 1) {
		return time.Since(latest(last, p.last)) > p.settle
	}
	if e.Verdict != scenario.None || time.Since(latest(p.zero, p.last)) < restless(p.scenario) {
		return false
	}
	number := p.eyes.revision(e.Workload)
	return slices.ContainsFunc(events, func(v notify.Event) bool {
		return v.Data.Workload.Name == e.Workload && kind(&v) == goodEvent && v.Time.After(latest(p.zero, p.last)) &&
			strconv.FormatInt(v.Data.Revision.Number, 10) == number
	})
}

// told tells whether undog has told of all that it must tell.
func (p *player) told(e scenario.Expect, events []notify.Event) bool {
	missing, held := slices.Clone(e.Told), len(e.Held) == 0
	for i := range events {
		if v := &events[i]; v.Data.Workload.Name == e.Workload && !v.Time.Before(p.zero) {
			missing = slices.DeleteFunc(missing, func(k string) bool { return k == kind(v) })
			reason, holding := holds(v)
			held = held || holding && slices.Contains(e.Held, reason)
		}
	}
	return held && len(missing) == 0
}

// restless is how long after a release or a step something may still happen
// that the scenario's plays hold in store.
func restless(s *scenario.Scenario) time.Duration {
	var longest time.Duration
	count := func(p *script.Play) {
		for _, e := range p.Exits {
			longest = max(longest, e.After.Duration)
		}
		if p.Evict != nil {
			longest = max(longest, p.Evict.After.Duration)
		}
	}
	for i := range s.Workloads {
		for name, r := range s.Workloads[i].Revisions {
			// What the first revision does began long ago.
			for j := range r.Plays {
				if name != "v1" || s.Workloads[i].First {
					count(&r.Plays[j].Play)
				}
			}
		}
	}
	for i := range s.Events {
		for j := range s.Events[i].Plays {
			count(&s.Events[i].Plays[j].Play.Play)
		}
	}
	if longest == 0 {
		return 0
	}
	// Plays are not in step, and pods start one after the other.
	return longest*3/2 + restlessAtLeast
}
