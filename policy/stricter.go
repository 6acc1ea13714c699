package policy

import (
	"maps"
	"slices"
	"time"
)

// stricter is the policy that a rollout in flight goes by: the one that it began
// with, in everything that the one of now does not forbid.
func stricter(began, now *Policy) *Policy {
	if began == nil || began == now {
		return now
	}
	p := *began
	if reach[now.Action] < reach[p.Action] {
		p.Action, p.deferred, p.auto = now.Action, now.deferred, now.auto
	}
	p.ReadyWithin, p.patience = longer(began, now)
	p.Provisional = began.Provisional && now.Provisional
	p.Budget = min(began.budget(), now.budget())
	p.Frozen = eitherFrozen(began.Frozen, now.Frozen)
	p.When = both(began.When, now.When)
	p.Without = slices.DeleteFunc(slices.Clone(began.Without), func(veto string) bool { return !slices.Contains(now.Without, veto) })
	return &p
}

// budget is what the policy says, or the default.
func (p *Policy) budget() float64 {
	if p.Budget == 0 {
		return DefaultBudget
	}
	return p.Budget
}

// longer is the longer of the times that two policies allow a pod. Where one of
// them says none, that is only known once it is derived: the other is what it
// is at least.
func longer(a, b *Policy) (within, patience time.Duration) {
	most := max(a.ReadyWithin, b.ReadyWithin)
	if a.ReadyWithin == 0 || b.ReadyWithin == 0 {
		return 0, most
	}
	return most, 0
}

// freezes is what Policy.Frozen is.
type freezes = func(at time.Time) (name string, until time.Time, frozen bool)

func eitherFrozen(a, b freezes) freezes {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	return func(at time.Time) (string, time.Time, bool) {
		if name, until, frozen := a(at); frozen {
			return name, until, true
		}
		return b(at)
	}
}

// both makes a finding count where the conditions of both let it.
func both(a, b map[string]Predicate) map[string]Predicate {
	all := make(map[string]Predicate, len(a)+len(b))
	maps.Copy(all, a)
	for reason, p := range b {
		if before := all[reason]; before != nil {
			p = bothHold(before, p)
		}
		all[reason] = p
	}
	return all
}

// bothHold is inconclusive only where neither condition is false.
func bothHold(a, b Predicate) Predicate {
	return func(c *Case, f Finding) (bool, error) {
		first, firstErr := a(c, f)
		if firstErr == nil && !first {
			return false, nil
		}
		second, err := b(c, f)
		switch {
		case err == nil && !second:
			return false, nil
		case firstErr != nil:
			return false, firstErr
		}
		return second, err
	}
}
