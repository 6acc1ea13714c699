package policy

import (
	"cmp"
	"slices"
	"time"
)

// Explanation says how a workload is judged, and why: what the rules find, what
// the vetoes say, which revisions could be returned to. It is for people and
// changes nothing.
type Explanation struct {
	At       time.Time `json:"at"`
	Workload Workload  `json:"workload"`
	Phase    Phase     `json:"phase"`
	// Policy is the one that applies, "" if none does; Mode is what may be done.
	Policy string `json:"policy"`
	Action Action `json:"action"`
	// Auto says that the policy leaves the action to undog; Action is what that
	// comes to for this workload.
	Auto bool `json:"auto,omitempty"`
	// NextPolicy is what the next release is judged by where that is another
	// policy, as after a reload; its name is "" if none matches any more.
	NextPolicy *Successor `json:"nextPolicy,omitempty"`
	Mode       Mode       `json:"mode"`
	// Why says in a sentence why nothing is judged or nothing would be done;
	// "" if there is no such reason.
	Why string `json:"why,omitempty"`
	// Current is the revision being judged; Revisions what each shows.
	Current   RevisionRef `json:"current"`
	Revisions []Revision  `json:"revisions"`
	Changes   []Change    `json:"changes,omitempty"`
	// Rules is every rule with what it finds, in the order in which they are asked.
	Rules []RuleFinding `json:"rules"`
	// Finding is the one that counts; Vetoes what each says to it.
	Finding RuleFinding    `json:"finding"`
	Vetoes  []VetoAnswer   `json:"vetoes"`
	Targets []TargetChoice `json:"targets"`
	// Checks is what each check has shown so far.
	Checks []CheckState `json:"checks,omitempty"`
	// Records is what the ledger holds, Rollbacks what the workload remembers.
	Records   []Record   `json:"records,omitempty"`
	Rollbacks []Rollback `json:"rollbacks,omitempty"`
	// Verdict is a sentence: what undog thinks and does about the revision now.
	Verdict string `json:"verdict"`
	// BakeUntil is when the revision will be good if nothing happens, zero if
	// it is not baking. Next is when undog looks again by itself, zero if it
	// only waits for changes.
	BakeUntil time.Time `json:"bakeUntil,omitzero"`
	Next      time.Time `json:"next,omitzero"`
}

// Successor is the policy of a next release, and what it does for the workload.
type Successor struct {
	Name   string `json:"name"`
	Action Action `json:"action,omitempty"`
	Auto   bool   `json:"auto,omitempty"`
}

// nextPolicy is what the next release is judged by, nil if that is p as well.
func (e *Engine) nextPolicy(o *Observation, p *Policy) *Successor {
	next := e.policyFor(o)
	switch {
	case p == nil || next != nil && next.Name == p.Name && next.Action == p.Action:
		return nil
	case next == nil:
		return &Successor{}
	}
	return &Successor{Name: next.Name, Action: next.Action, Auto: next.auto}
}

// RuleFinding is what one rule finds.
type RuleFinding struct {
	Rule string `json:"rule"`
	// Level is Clear, Suspicious or Convicting.
	Level    string    `json:"level"`
	Reason   string    `json:"reason,omitempty"`
	Message  string    `json:"message,omitempty"`
	Failures []Failure `json:"failures,omitempty"`
	// WakeAt is when the finding may change by the passing of time alone.
	WakeAt time.Time `json:"wakeAt,omitzero"`
}

// VetoAnswer is what one veto says.
type VetoAnswer struct {
	Veto  string `json:"veto"`
	Holds bool   `json:"holds"`
	// Off says that the policy does not ask it.
	Off     bool   `json:"off,omitempty"`
	Message string `json:"message"`
}

// TargetChoice is a revision that could be returned to, or why not.
type TargetChoice struct {
	Revision RevisionRef `json:"revision"`
	Chosen   bool        `json:"chosen"`
	// Message says why it was chosen or not.
	Message string `json:"message"`
}

// Explain says how the workload would be judged from an observation now. What
// the engine remembers of it counts; nothing is changed by asking. The
// explanation shares memory with the observation.
func (e *Engine) Explain(o *Observation, at time.Time) Explanation {
	o = o.withOwnUndos().Whole()
	x := Explanation{
		At: at, Workload: o.Workload, Mode: e.settings.Mode,
		Revisions: o.Revisions, Records: o.Records, Rollbacks: o.Rollbacks,
	}
	w := e.imagine(o, at)
	x.Phase, x.Next, x.Changes = w.phase, w.wakeAt, w.rollout.changes
	rev := o.current()
	p := w.rollout.policy
	x.Why = e.unjudged(o, rev, p)
	if p != nil {
		x.Policy, x.Action, x.Auto, x.NextPolicy = p.Name, p.Action, p.auto, e.nextPolicy(o, p)
		if why, _ := e.restraint(w, p.Action, at); x.Why == "" {
			x.Why = why
		}
	}
	if rev == nil || p == nil {
		x.Verdict = "nothing is judged: " + x.Why
		return x
	}
	x.Current = rev.RevisionRef
	c := e.caseOf(w, rev, at)
	c.explainRules(&x)
	if c.reason == "" {
		c.reason = x.Finding.Reason
	}
	c.explainVetoes(&x)
	x.Targets = c.explainTargets()
	x.Checks = c.explainChecks()
	if w.phase == Baking && !w.rollout.completeSince.IsZero() {
		x.BakeUntil = e.bakeUntil(&w.rollout)
	}
	x.Verdict = c.sentence(&x)
	return x
}

// imagine is what the engine holds of a workload, as a copy that can be asked
// questions. What it never judged is begun afresh.
func (e *Engine) imagine(o *Observation, at time.Time) *workload {
	w := &workload{first: true, queued: -1}
	if known := e.workloads[keyOf(o.Workload)]; known != nil {
		*w = *known
	}
	w.obs = o
	if rev := o.current(); rev != nil && w.rollout.revision.UID != rev.UID {
		w.phase, w.rollout = PhaseNone, rollout{revision: rev.RevisionRef, previous: w.replaced(rev).apart(), startedAt: at}
	}
	if w.rollout.policy == nil {
		w.rollout.policy = e.policyFor(o)
	}
	return w
}

// unjudged says in a sentence why a workload is not judged now, "" if it is.
func (e *Engine) unjudged(o *Observation, rev *Revision, p *Policy) string {
	switch {
	case p == nil:
		return "no policy matches the workload"
	case o.Mode == string(Off):
		return "the workload's own mode is off"
	case o.Deleting:
		return "the workload is being deleted"
	case o.Replicas == 0:
		return "the workload is scaled to zero"
	case o.Generation != o.ObservedGeneration:
		return "the Deployment controller has not seen the newest change yet"
	case rev == nil:
		return "the workload's template has no ReplicaSet yet"
	}
	return ""
}

func (c *Case) explainRules(x *Explanation) {
	best := Clear
	for _, r := range rules {
		f := c.applies(r.judge(c))
		said := RuleFinding{Rule: r.name, Level: f.Level.String(), Reason: f.Reason, Message: f.Message, Failures: f.Failures, WakeAt: f.WakeAt}
		x.Rules = append(x.Rules, said)
		if f.Level > best {
			best, x.Finding = f.Level, said
		}
	}
}

func (c *Case) explainVetoes(x *Explanation) {
	f := Finding{Reason: x.Finding.Reason, Message: x.Finding.Message, Failures: x.Finding.Failures}
	for _, veto := range vetoes {
		v := veto.ask(c, f)
		x.Vetoes = append(x.Vetoes, VetoAnswer{
			Veto: veto.name, Holds: v.Holds, Message: v.Message, Off: slices.Contains(c.Policy.Without, veto.name),
		})
	}
}

// explainTargets lists every revision that is on record or still has a
// ReplicaSet, newest first, with why it would be returned to or not.
func (c *Case) explainTargets() []TargetChoice {
	chosen, found := c.target()
	var list []TargetChoice
	seen := map[string]bool{c.Revision.Template: true}
	add := func(ref RevisionRef) {
		if seen[ref.Template] {
			return
		}
		seen[ref.Template] = true
		isChosen := found && ref.Template == chosen.Template
		list = append(list, TargetChoice{Revision: ref, Chosen: isChosen, Message: c.choice(ref, isChosen)})
	}
	for i := range c.Observation.Revisions {
		add(c.Observation.Revisions[i].RevisionRef)
	}
	for _, rec := range c.Observation.Records {
		add(c.Observation.present(rec.Revision))
	}
	slices.SortStableFunc(list, func(a, b TargetChoice) int { return cmp.Compare(b.Revision.Number, a.Revision.Number) })
	return list
}

// choice says why a revision would be returned to or not.
func (c *Case) choice(ref RevisionRef, chosen bool) string {
	rec, known := c.workload.record(ref)
	if !known {
		return "never proven good"
	}
	switch {
	case chosen && rec.Verdict == Provisional:
		return "none is proven good, and the policy allows a provisional one: " + rec.Message
	case chosen:
		return "the newest revision proven good: " + rec.Message
	case rec.Verdict != Bad && c.behavesAlike(ref):
		return "has the same images as the current one, and what is wrong with that one is likely in the images"
	case rec.Verdict == Good:
		return "proven good, but older than the one chosen"
	case rec.Verdict == Provisional && c.Policy.Provisional:
		return rec.Message + "; it would be returned to if none were proven"
	case rec.Verdict == Provisional:
		return rec.Message + "; the policy does not allow to return to such a one"
	}
	return "found bad: " + rec.Reason
}
