package policy

import "time"

// Mode says whether undog may act at all.
type Mode string

// The modes.
const (
	// Enforce decides, publishes and acts.
	Enforce Mode = "enforce"
	// Observe decides and publishes; it never touches a workload.
	Observe Mode = "observe"
	// Off, on a workload, takes it out of undog's hands.
	Off Mode = "off"
)

// Action is what a policy does with a bad revision.
type Action string

// The actions.
const (
	// ActionAuto is ActionRollback, but for a workload that somebody else would
	// set back to what he wants it to be ActionNotify.
	ActionAuto Action = "auto"
	// ActionRollback returns to the newest revision proven good.
	ActionRollback Action = "rollback"
	// ActionPause pauses the workload where it stands.
	ActionPause Action = "pause"
	// ActionNotify only tells.
	ActionNotify Action = "notify"
)

// Policy says how the workloads that it matches are judged.
type Policy struct {
	Name string
	// Match tells whether the policy is for a workload with this namespace
	// and these labels. It must be pure. nil matches everything.
	Match  func(namespace string, labels Labels) bool
	Action Action
	// Bake is how long a complete revision must stay healthy to be good.
	Bake time.Duration
	// ReadyWithin is how long a started pod may take to become and stay
	// ready; 0 derives it from the revision's history and probes.
	ReadyWithin time.Duration
	// Provisional allows to return to a revision that was replaced while
	// it was complete and without evidence against it, but not proven, where
	// none is proven.
	Provisional bool
	// Budget is the largest tolerated probability that the sequential tests
	// (Layer 1) ever convict a good revision; 0 means DefaultBudget.
	Budget float64
	// Frozen tells whether a time lies in a freeze window, what it is called
	// and when it ends. It must be pure. nil means never.
	Frozen func(at time.Time) (name string, until time.Time, frozen bool)
	// When holds, by the Reason of a Finding, a condition: where it is false
	// the finding does not apply, where it fails the finding only makes
	// suspicious. Package policy/cel compiles them.
	When map[string]Predicate
	// Without names vetoes that are not asked. For experts, and for showing
	// what each veto is good for.
	Without []string

	// patience is what ReadyWithin is at least where it is derived.
	patience time.Duration
	// auto says that the action was left to undog.
	auto bool
	// deferred says that it would do more if nobody else kept the workload.
	deferred bool
}

// DefaultBudget tolerates one wrong verdict of Layer 1 in 1,000 good revisions.
const DefaultBudget = 0.001

// Predicate says whether a finding applies to a case. It must be pure. An error
// makes the finding inconclusive: it never convicts.
type Predicate func(c *Case, f Finding) (bool, error)

// Settings is what the engine is configured with.
type Settings struct {
	// Cluster is the name that goes into every id.
	Cluster string
	Mode    Mode
	// Policies are tried in order; the first match wins. A workload that no
	// policy matches is left alone.
	Policies []Policy
	// Brake bounds what undog does to many workloads at once.
	Brake Brake
	// Checks are played on the workloads that they match.
	Checks []Check
}

// Brake is when the fleet brake engages: more than Rollouts unrelated
// workloads found bad within Window are one incident, not many bad releases.
// The zero value means DefaultBrake; a negative number of Rollouts turns it off.
type Brake struct {
	Rollouts int
	Window   time.Duration
}

// DefaultBrake lets five unrelated bad releases within ten minutes pass.
var DefaultBrake = Brake{Rollouts: 5, Window: 10 * time.Minute}
