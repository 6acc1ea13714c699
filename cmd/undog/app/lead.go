package app

import (
	"fmt"
	"time"

	"github.com/undog-dev/undog/cmd/undog/lead"
	"github.com/undog-dev/undog/policy"
)

// leading is the loop's part in an election. The zero value has none.
type leading struct {
	// changed receives after a change, and last says which; nil without an election.
	changed <-chan struct{}
	last    func() lead.Change
	who     policy.Workload
	// remember is how long what another undog should tell is kept, in case it did not.
	remember time.Duration
	// begins is called when this undog begins to act, with that; ends when it ceases to.
	begins func([]policy.Transition)
	ends   func()

	// leads and term are what the engine was told last.
	leads bool
	term  uint64
	held  []policy.Transition
}

// maxHeld bounds how much is kept of what another undog should tell.
const maxHeld = 4096

// standBy tells the engine at the start that somebody else acts.
func (l *loop) standBy(now time.Time) {
	if l.lead.last != nil {
		l.step(policy.Leadership{At: now, Who: l.lead.who})
	}
}

// checkLead tells the engine when this undog begins to act, and when it ceases to.
func (l *loop) checkLead(now, wakeAt time.Time) time.Time {
	if l.lead.last == nil {
		return wakeAt
	}
	c := l.lead.last()
	if c.Leads == l.lead.leads && (!c.Leads || c.Term == l.lead.term) {
		return wakeAt
	}
	l.lead.leads, l.lead.term = c.Leads, c.Term
	if !c.Leads {
		l.lead.ends()
	}
	ready := l.step(policy.Leadership{At: now, Leads: c.Leads, Who: l.lead.who, Reason: c.Reason, Message: sentence(l.lead.who.Name, c)})
	if c.Leads {
		l.lead.begins(l.lead.kept(now))
		l.lead.held = nil
	}
	return ready.WakeAt
}

// sentence says for people what became of the lease.
func sentence(who string, c lead.Change) string {
	switch c.Reason {
	case lead.First:
		return who + " acts from now on: nobody did before"
	case lead.HandedOver:
		return who + " acts from now on: the one before gave the lease back"
	case lead.Expired:
		return fmt.Sprintf("%s acts from now on: %s did not renew the lease in time", who, c.Other)
	case lead.Regained:
		return who + " acts again: nobody else took the lease meanwhile"
	case lead.NotRenewed:
		return who + " stands by: it could not renew the lease in time"
	case lead.Taken:
		return fmt.Sprintf("%s stands by: %s has the lease", who, c.Other)
	}
	return who + ": " + c.Reason
}

// tell publishes transitions, or keeps them while another undog tells. What came
// of this one's own writes nobody else tells; what is durable of it, the other
// derives from the cluster.
func (l *loop) tell(in policy.Input, ts []policy.Transition) {
	if len(ts) == 0 {
		return
	}
	for _, t := range ts {
		l.report(t)
	}
	if l.lead.last == nil || l.lead.leads {
		l.publish(ts...)
		return
	}
	_, own := in.(policy.Outcome)
	for _, t := range ts {
		switch {
		case t.Kind.Durable():
		case own, t.Kind == policy.LeaderLost:
			l.publish(t)
		default:
			l.lead.hold(t)
		}
	}
}

// hold keeps what another undog should tell.
func (l *leading) hold(t policy.Transition) {
	l.held = append(l.kept(t.At), t)
}

// kept is what is held and not too old at a time.
func (l *leading) kept(now time.Time) []policy.Transition {
	first := max(0, len(l.held)-maxHeld+1)
	for first < len(l.held) && now.Sub(l.held[first].At) > l.remember {
		first++
	}
	return l.held[first:]
}
