package policy

import (
	"fmt"
	"slices"
	"time"
)

// Case is what a rule or a veto looks at: one revision of one workload at one time.
type Case struct {
	At          time.Time
	Observation *Observation
	// Revision is the one being judged.
	Revision *Revision
	Policy   *Policy

	workload *workload
	engine   *Engine
	// reason is what the revision stands convicted for, "" if it does not: it
	// decides what can be returned to.
	reason string
}

// Level says how much a finding weighs.
type Level int

// The levels, in rising order.
const (
	// Clear means that nothing speaks against the revision.
	Clear Level = iota
	// Suspicious means that there is evidence, but not enough.
	Suspicious
	// Convicting means that the evidence suffices, unless a veto applies.
	Convicting
)

// Finding is what a rule has to say about a case.
type Finding struct {
	Level Level
	// Reason is CamelCase and stable; Message is a sentence for people with
	// the numbers it was decided on.
	Reason, Message string
	// Failures is the evidence the finding rests on.
	Failures []Failure
	// Environment says that what is found speaks against what the pods run on,
	// not against the revision: it does not stop the bake.
	Environment bool
	// WakeAt is when the finding may change by the passing of time alone.
	WakeAt time.Time
}

// rule judges one kind of evidence. It is pure.
type rule struct {
	name  string
	judge func(c *Case) Finding
	// reasons are those that its findings can have.
	reasons []string
}

// rules is every rule, in the order in which they are asked. The first that
// convicts wins; else the first that suspects, the environment coming last.
var rules = []rule{
	{"report", reportRule, []string{reasonReportedBad}},
	{"create", createRule, []string{
		"CannotCreatePods", "CreateRefused", "QuotaExceeded", "WebhookUnavailable", "NamespaceTerminating", "ApiServerTrouble",
	}},
	{"schedule", scheduleRule, []string{"Unschedulable"}},
	{"image", imageRule, []string{
		"InvalidImageName", "ImageNotFound", "ImageNotPresent", "ImageNotSigned", "ImagePull", "RegistryTrouble",
	}},
	{"config", configRule, []string{"MissingConfig", "RunsAsRoot"}},
	{"volume", volumeRule, []string{"MissingConfig"}},
	{"start", startRule, []string{"CannotStart"}},
	{"hook", hookRule, []string{"PostStartHook"}},
	{"crash", crashRule, []string{"CrashLoop", "OOMKilled", "LivenessKilled", "StartupKilled"}},
	{"pod", podRule, []string{"EphemeralStorageExceeded", "DeadlineExceeded", "RefusedByNode"}},
	{"init", initRule, []string{"InitStuck"}},
	{"ready", readyRule, []string{"NotReady"}},
	{"steady", steadyRule, []string{"NotSteady"}},
	{"breaker", breakerRule, []string{"TooManyFailures"}},
	{"environment", environmentRule, []string{"Environment", "UnknownFailure", "HeldUp"}},
	{"deadline", deadlineRule, []string{"ProgressDeadlineExceeded"}},
	{"sequential", sequentialRule, []string{"MoreFailures"}},
	{"check", checkRule, []string{reasonCheckFailed}},
}

// Reasons lists the reasons that findings can have, each once, in the order in
// which the rules are asked.
func Reasons() []string {
	var all []string
	for _, r := range rules {
		for _, reason := range r.reasons {
			if !slices.Contains(all, reason) {
				all = append(all, reason)
			}
		}
	}
	return all
}

// find asks every rule. The earliest WakeAt of all is kept.
func (c *Case) find() Finding {
	var best Finding
	var wake time.Time
	for _, r := range rules {
		f := c.applies(r.judge(c))
		wake = earliest(wake, f.WakeAt)
		if f.outranks(best) {
			best = f
		}
	}
	best.WakeAt = wake
	return best
}

// applies asks the policy's own condition for a finding of this reason. Where
// it is false there is no finding; where it fails the finding convicts nobody.
func (c *Case) applies(f Finding) Finding {
	when := c.Policy.When[f.Reason]
	if f.Level == Clear || when == nil {
		return f
	}
	ok, err := when(c, f)
	switch {
	case err != nil:
		f.Level = Suspicious
		f.Message += fmt.Sprintf("; inconclusive, since the policy's condition for it failed: %v", err)
	case !ok:
		return Finding{WakeAt: f.WakeAt}
	}
	return f
}

// Veto is what one veto has to say about a conviction: whether it holds it
// back, and why or why not.
type Veto struct {
	// Reason is CamelCase and names the veto; Message is a sentence for people.
	Reason, Message string
	// Holds says that nothing is to be done about the conviction.
	Holds bool
	// WakeAt is when the veto may lapse by the passing of time alone.
	WakeAt time.Time
	// over says that it holds for something that has ended.
	over bool
}

// veto asks whether a conviction is to be held back. Its name is the Reason
// that it gives, and what Policy.Without names.
type veto struct {
	name string
	ask  func(c *Case, f Finding) Veto
}

// vetoes is every veto, in the order in which they are asked. The first that
// holds wins.
var vetoes = []veto{
	{"Paused", pausedVeto},
	{"StaleCaches", staleVeto},
	{"UndoneBefore", undoneVeto},
	{"OldRevisionFailsToo", oldFailsTooVeto},
	{"OthersFailToo", othersFailTooVeto},
	{"OneNode", nodeVeto},
	{"MutableTag", tagVeto},
	{"ConfigChanged", configVeto},
	{"RestartOnly", restartVeto},
	{"FleetBrake", brakeVeto},
}

// Vetoes lists the names of all vetoes, in the order in which they are asked.
func Vetoes() []string {
	names := make([]string, len(vetoes))
	for i, v := range vetoes {
		names[i] = v.name
	}
	return names
}

// veto asks every veto, until one holds. The others are returned as considered.
func (c *Case) veto(f Finding) (held Veto, considered []Considered) {
	for _, veto := range vetoes {
		if slices.Contains(c.Policy.Without, veto.name) {
			continue
		}
		v := veto.ask(c, f)
		v.Reason = veto.name
		if v.Holds {
			return v, considered
		}
		considered = append(considered, Considered{Reason: v.Reason, Message: v.Message})
	}
	return Veto{}, considered
}

// old calls f for every other revision that has pods and was not convicted
// itself, until f returns true, and reports whether it did. What is left of a
// revision known to be bad excuses nothing.
func (c *Case) old(f func(r *Revision) bool) bool {
	for i := range c.Observation.Revisions {
		r := &c.Observation.Revisions[i]
		if r.UID == c.Revision.UID || r.Pods == 0 {
			continue
		}
		if rec, known := c.workload.record(r.RevisionRef); known && rec.Verdict == Bad {
			continue
		}
		if f(r) {
			return true
		}
	}
	return false
}

// earliest is the earlier of two times, where zero means never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
