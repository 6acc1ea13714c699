package policy

import (
	"fmt"
	"time"
)

// brake tells when the fleet brake engages and when it releases.
func (e *Engine) brake(at time.Time) {
	f := &e.fleet
	off := f.limit.Rollouts < 0
	if off && f.engaged.IsZero() || !f.changed && (f.engaged.IsZero() || at.Sub(f.checked) < time.Second) {
		return
	}
	f.changed, f.checked = false, at
	s := f.sum(f.limit, len(e.workloads), at)
	switch over := !off && s.over(); {
	case over && f.engaged.IsZero():
		f.engaged = at
		e.tellFleet(BrakeEngaged, at, "", "ManyFailures", fmt.Sprintf(
			"%d unrelated releases found bad and %d other workloads failing within %s (%d and %d pass for coincidence): nothing is undone until that is over",
			s.bad, s.troubled, f.limit.Window, s.allowedBad, s.allowedTroubled))
	case !over && !f.engaged.IsZero():
		e.tellFleet(BrakeReleased, at, e.fleetID(BrakeEngaged, f.engaged), "FewFailures", fmt.Sprintf(
			"%d unrelated releases found bad and %d other workloads failing within %s: bad releases are undone again, after %s",
			s.bad, s.troubled, f.limit.Window, round(at.Sub(f.engaged))))
		f.engaged = time.Time{}
	}
}

// tellFleet tells of all workloads together.
func (e *Engine) tellFleet(kind TransitionKind, at time.Time, cause, reason, message string) {
	w := e.allWorkloads()
	e.tell(Transition{
		Kind: kind, At: at, Workload: w, Reason: reason, Message: message, Rollout: rolloutID(e.settings.Cluster, w, ""),
		ID: e.fleetID(kind, at), Cause: cause,
	})
}

// allWorkloads stands for the fleet where a workload is named.
func (e *Engine) allWorkloads() Workload {
	return Workload{Kind: "Fleet", Namespace: "all", Name: "fleet", UID: e.settings.Cluster}
}

func (e *Engine) fleetID(kind TransitionKind, at time.Time) string {
	w := e.allWorkloads()
	return id("event", e.settings.Cluster, w.Kind, w.UID, string(kind), at.UTC().Format(time.RFC3339Nano))
}

// Fleet is what this engine itself sees of the fleet, for other processes. It
// leaves out what they have told.
func (e *Engine) Fleet(source string, at time.Time) Fleet {
	own := fleet{window: e.fleet.window, bad: e.fleet.bad, troubled: e.fleet.troubled}
	s := own.sum(e.fleet.limit, len(e.workloads), at)
	return Fleet{At: at, Source: source, Bad: s.bad, Troubled: s.troubled}
}
