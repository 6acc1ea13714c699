package policy

import "fmt"

// Durable derives from what the cluster remembers the durable transitions of a
// workload, in order. The ids are those that were told when they happened, so
// that they can be compared with what the stream has.
func Durable(cluster string, o *Observation) []Transition {
	var all []Transition
	for _, rec := range o.Records {
		var rb *Rollback
		if r, ok := findRollback(o.Rollbacks, rec.DecisionID); ok && rec.DecisionID != "" {
			rb = &r
		}
		all = append(all, durable(cluster, o.Workload, rec, rb)...)
	}
	return all
}

// durable is every durable transition of one record, in the order in which
// they happened.
func durable(cluster string, w Workload, rec Record, rb *Rollback) []Transition {
	if rec.Adopted {
		return nil
	}
	base := Transition{
		Workload: w, At: rec.At, Reason: rec.Reason, Message: rec.Message, Revision: rec.Revision,
		Target: rec.Target, Rollout: rolloutID(cluster, w, rec.Revision.UID), DecisionID: rec.DecisionID,
		Policy: rec.Policy, Action: rec.Action, Failures: rec.Failures, Changes: rec.Changes, Vetoes: rec.Vetoes,
		Checks: rec.Checks, Reported: rec.Reported, By: rec.By, Captured: rec.Captured,
	}
	of := func(kind TransitionKind, from, to Phase) Transition {
		t := base
		t.Kind, t.From, t.To = kind, from, to
		t.ID = durableID(cluster, w, rec.Revision.UID, kind)
		if cause := causes[kind]; cause != "" {
			t.Cause = durableID(cluster, w, rec.Revision.UID, cause)
		}
		return t
	}
	if rec.Verdict == Good && rec.Withdrawn == nil {
		return []Transition{of(VerdictGood, Baking, Healthy)}
	}
	all := []Transition{of(VerdictBad, Suspect, RollingBack)}
	if rb != nil {
		t := of(RollbackDone, RollingBack, RolledBack)
		t.At = rb.At
		t.Message = fmt.Sprintf("back to %s", rec.Target.describe())
		all = append(all, t)
	}
	if n := rec.Refused; n != nil {
		kind, to := RollbackRefused, Held
		if n.Reason == reasonTooManyRollbacks {
			kind, to = RolloutHalted, Halted
		}
		t := of(kind, RollingBack, to)
		t.At, t.Reason, t.Message = n.At, n.Reason, n.Message
		all = append(all, t)
	}
	if n := rec.Contested; n != nil {
		t := of(RollbackContested, RolledBack, Halted)
		t.At, t.Reason, t.Message = n.At, n.Reason, n.Message
		all = append(all, t)
	}
	if n := rec.Withdrawn; n != nil {
		from, to := Held, Healthy
		if rec.Verdict == Bad {
			// Nothing is known of it any more, but that it was undone.
			from, to = RolledBack, RolledBack
		}
		t := of(VerdictWithdrawn, from, to)
		t.At, t.Reason, t.Message = n.At, n.Reason, n.Message
		all = append(all, t)
	}
	return all
}

// durableID names a durable transition: there is one of each kind for a revision.
func durableID(cluster string, w Workload, revision string, kind TransitionKind) string {
	return id("event", cluster, w.Kind, w.UID, revision, string(kind))
}

// causes is, for what follows from a durable transition of the same revision,
// the kind of that one.
var causes = map[TransitionKind]TransitionKind{
	RollbackDone:      VerdictBad,
	RollbackRefused:   VerdictBad,
	RolloutHalted:     VerdictBad,
	RollbackContested: RollbackDone,
	VerdictWithdrawn:  VerdictBad,
	RollbackWouldHave: VerdictBad,
	RolloutPaused:     VerdictBad,
}

// describe names a revision for people.
func (r RevisionRef) describe() string {
	s := fmt.Sprintf("revision %d", r.Number)
	if len(r.Images) > 0 {
		s += " (" + r.Images[0] + ")"
	}
	return s
}
