package policy

import (
	"fmt"
	"time"
)

// policyFor is the first policy that matches, nil if none does. The workload
// may ask for another by its name. That can only narrow: what is done about a
// bad revision is the lesser of both policies' actions, and a name that is not
// known makes undog only tell, since whoever wrote it did not want what matches.
func (e *Engine) policyFor(o *Observation) *Policy {
	matched := e.matched(o)
	if matched == nil || o.PolicyName == "" || o.PolicyName == matched.Name {
		return matched
	}
	for i := range e.settings.Policies {
		if e.settings.Policies[i].Name == o.PolicyName {
			chosen := *e.resolved(i, o)
			if reach[matched.Action] < reach[chosen.Action] {
				chosen.Action, chosen.deferred, chosen.auto = matched.Action, matched.deferred, matched.auto
			}
			return &chosen
		}
	}
	narrowed := *matched
	narrowed.Action, narrowed.deferred, narrowed.auto = ActionNotify, false, false
	return &narrowed
}

// reach is how far an action goes.
var reach = map[Action]int{ActionNotify: 0, ActionPause: 1, ActionRollback: 2}

func (e *Engine) matched(o *Observation) *Policy {
	for i := range e.settings.Policies {
		p := &e.settings.Policies[i]
		if p.Match == nil || p.Match(o.Workload.Namespace, o.Labels) {
			return e.resolved(i, o)
		}
	}
	return nil
}

// acts tells whether an action may touch the workload at a time.
func (e *Engine) acts(w *workload, a Action, at time.Time) bool {
	why, until := e.restraint(w, a, at)
	e.wakeBy(w, until, at)
	return why == ""
}

// restraint says in a sentence why an action may not touch the workload, ""
// if it may, and when that may change by the passing of time alone. A mode on
// the workload may only narrow: one that is not known is taken for observe. In
// a freeze window undog only observes, and looks again when it ends.
func (e *Engine) restraint(w *workload, a Action, at time.Time) (why string, until time.Time) {
	if why = e.onlyLooks(w, a); why != "" {
		return why, until
	}
	name, until, frozen := w.rollout.policy.frozen(at)
	if !frozen {
		return "", time.Time{}
	}
	return fmt.Sprintf("the freeze window %s lasts until %s", name, until.UTC().Format(time.RFC3339)), until
}

// onlyLooks says in a sentence why an action may not touch the workload at any
// time, "" if it may.
func (e *Engine) onlyLooks(w *workload, a Action) string {
	mode := w.obs.Mode
	switch {
	case a == ActionNotify:
		return w.rollout.policy.onlyTells(w.obs)
	case e.settings.Mode != Enforce:
		return "undog runs in mode " + string(e.settings.Mode)
	case w.rollout.began.mode != "" && w.rollout.began.mode != Enforce:
		return "undog did not act when this rollout began, and begins to with the next"
	case mode != "" && mode != string(Enforce):
		return fmt.Sprintf("the workload's own mode is %q", mode)
	}
	return ""
}

// frozen tells whether a time lies in a freeze window, in which, and until when.
func (p *Policy) frozen(at time.Time) (name string, until time.Time, frozen bool) {
	if p == nil || p.Frozen == nil {
		return "", time.Time{}, false
	}
	return p.Frozen(at)
}
