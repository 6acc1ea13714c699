package policy

import "slices"

// keepers are the tools that set a workload back to what is written elsewhere:
// an undo would be undone, or found as a difference that nobody knows of. Helm
// does nothing between two releases.
var keepers = []string{"Argo CD", "Flux"}

// keeper is who sets the workload back to what he wants it to be, "" if nobody
// is known: the object that controls it, or a GitOps tool.
func (o *Observation) keeper() string {
	switch {
	case o.Owner != "":
		return o.Owner
	case slices.Contains(keepers, o.Manager):
		return o.Manager
	}
	return ""
}

// onlyTells says why nothing but telling is done.
func (p *Policy) onlyTells(o *Observation) string {
	if p == nil || !p.deferred {
		return "the policy only tells"
	}
	return o.keeper() + " keeps the workload as it wants it, so undog only tells unless the policy names an action"
}

// actions makes two of each policy that leaves its action to undog: what it
// does, and, at the same place, what it does where somebody else keeps the
// workload. There is nil for the others.
func actions(policies []Policy) (own []Policy, deferring []*Policy) {
	own, deferring = slices.Clone(policies), make([]*Policy, len(policies))
	for i := range own {
		if own[i].Action != ActionAuto {
			continue
		}
		own[i].Action, own[i].auto = ActionRollback, true
		p := own[i]
		p.Action, p.deferred = ActionNotify, true
		deferring[i] = &p
	}
	return own, deferring
}

// resolved is the policy with the action that it has for the workload.
func (e *Engine) resolved(i int, o *Observation) *Policy {
	if e.deferring[i] != nil && o.keeper() != "" {
		return e.deferring[i]
	}
	return &e.settings.Policies[i]
}
