package policy

import "time"

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
	Mode   Mode   `json:"mode"`
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
	// Records is what the ledger holds, Rollbacks what the workload remembers.
	Records   []Record   `json:"records,omitempty"`
	Rollbacks []Rollback `json:"rollbacks,omitempty"`
	// Verdict is a sentence: what undog thinks and does about the revision now.
	Verdict string `json:"verdict"`
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
// the engine remembers of it counts; nothing is changed by asking.
func (e *Engine) Explain(o *Observation, at time.Time) Explanation {
	x := Explanation{At: at, Workload: o.Workload, Phase: e.Phase(o.Workload), Revisions: o.Revisions, Records: o.Records, Rollbacks: o.Rollbacks}
	return x
}
