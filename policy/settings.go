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
	Match  func(namespace string, labels map[string]string) bool
	Action Action
	// Bake is how long a complete revision must stay healthy to be good.
	Bake time.Duration
	// ReadyWithin is how long a started pod may take to become and stay
	// ready; 0 derives it from the revision's history and probes.
	ReadyWithin time.Duration
}

// Settings is what the engine is configured with.
type Settings struct {
	// Cluster is the name that goes into every id.
	Cluster string
	Mode    Mode
	// Policies are tried in order; the first match wins. A workload that no
	// policy matches is left alone.
	Policies []Policy
}
