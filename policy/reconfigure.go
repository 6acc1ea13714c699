package policy

import "time"

// Reconfigured gives the engine other settings, or says that others were
// offered and not taken. doc.go says what becomes of rollouts in flight.
type Reconfigured struct {
	At time.Time
	// Settings are the new ones; nil when those that were offered are not used.
	// Their Cluster is not looked at: ids are made with it.
	Settings *Settings
	// Who names the process: Name and UID; its Namespace is where it runs.
	Who Workload
	// Reason is CamelCase and stable, Message says for people what changed or
	// what was wrong.
	Reason, Message string
	// Silent says that nothing is to be told of it.
	Silent bool
}

func (r Reconfigured) when() time.Time { return r.At }

// terms are what a rollout began with, and what has become stricter since: what
// was only told once is not done later.
type terms struct {
	policy *Policy
	mode   Mode
	brake  Brake
}

// terms are those that a rollout begins with now.
func (e *Engine) terms(w *workload, rev *Revision, p *Policy) terms {
	t := terms{policy: p, mode: e.settings.Mode, brake: e.fleet.limit}
	if w.spared != "" && w.spared == rev.UID {
		t.mode = Observe
	}
	return t
}

// reconfigure takes other settings and holds everything that is in flight
// against them.
func (e *Engine) reconfigure(in Reconfigured) {
	if in.Settings == nil {
		e.tellSelf(ConfigRejected, in)
		return
	}
	left := e.leftAlone()
	settings := *in.Settings
	settings.Cluster = e.settings.Cluster
	e.settings = settings
	e.settings.Policies, e.deferring = actions(settings.Policies)
	e.epoch++
	e.fleet.limitTo(settings.Brake)
	e.tellSelf(ConfigReloaded, in)
	for _, k := range e.observed() {
		w := e.workloads[k]
		if rev := w.obs.current(); left[k] && rev != nil {
			w.spared = rev.UID
		}
		e.judge(w, in.At)
	}
}

// leftAlone is every workload that no policy matches.
func (e *Engine) leftAlone() map[key]bool {
	left := map[key]bool{}
	for k, w := range e.workloads {
		if w.obs != nil && e.matched(w.obs) == nil {
			left[k] = true
		}
	}
	return left
}

// heedSettings holds a rollout that began with other settings against those of now.
func (e *Engine) heedSettings(w *workload, rev *Revision, p *Policy) {
	r := &w.rollout
	if r.epoch == e.epoch {
		return
	}
	r.epoch = e.epoch
	if w.phase == Healthy {
		// It is no longer in flight: what comes now is for the new settings.
		r.began, r.policy = e.terms(w, rev, p), p
		return
	}
	r.policy = stricter(r.began.policy, p)
	if e.settings.Mode == Observe {
		r.began.mode = Observe
	}
	if began := r.began.policy; began != nil && reach[r.policy.Action] < reach[began.Action] {
		milder := *began
		milder.Action, milder.deferred, milder.auto = r.policy.Action, r.policy.deferred, r.policy.auto
		r.began.policy = &milder
	}
	r.checks.only(e.checksOf(w.obs))
}

// only drops the checks that are no longer played, or not in the same way: what
// they have shown is not held against the revision. None comes in anew.
func (k *checking) only(now []*Check) {
	if k == nil {
		return
	}
	kept := k.list[:0:0]
	for _, c := range k.list {
		for _, check := range now {
			if check.same(c.check) {
				c.check = check
				kept = append(kept, c)
			}
		}
	}
	k.list = kept
}

// same tells whether two checks have one name and do the same.
func (c *Check) same(as *Check) bool { return c.Name == as.Name && c.Version == as.Version }

// tellSelf tells of undog's own configuration.
func (e *Engine) tellSelf(kind TransitionKind, in Reconfigured) {
	if in.Silent {
		return
	}
	w := in.Who
	w.Kind = kindUndog
	e.tell(Transition{
		Kind: kind, At: in.At, Workload: w, Reason: in.Reason, Message: in.Message,
		ID: id("event", e.settings.Cluster, w.Kind, w.UID, string(kind), in.At.UTC().Format(time.RFC3339Nano)),
	})
}
