package policy

import "time"

// Ready is what the engine has to say after one input. Decisions are to be
// carried out in order and answered with an Outcome (Compare: a Comparison,
// Play: a CheckResult). Transitions are to be published. Step is called again at WakeAt at the
// latest; the zero time means that nothing is pending.
type Ready struct {
	Decisions   []Decision
	Transitions []Transition
	WakeAt      time.Time
	// Answer is set after a Report and only then.
	Answer *Answer
}

// DecisionKind says what is to be done.
type DecisionKind string

// The kinds of decision.
const (
	// Compare asks what changed between From and To. It writes nothing.
	Compare DecisionKind = "Compare"
	// Remember asks the ledger to keep Record, replacing one of the same revision.
	Remember DecisionKind = "Remember"
	// Undo asks to remember Record and then to set the workload's template to that of To.
	Undo DecisionKind = "Undo"
	// Pause asks to remember Record and then to pause the workload.
	Pause DecisionKind = "Pause"
	// Resume asks to take back undog's own pause.
	Resume DecisionKind = "Resume"
	// Tidy asks to take away what an undo to From left for people to read.
	Tidy DecisionKind = "Tidy"
	// Play asks to play Check on pods of From, the revision that is judged, and
	// at the same moment on pods of To, the one it is compared with, if that
	// has any. It writes nothing, and other decisions do not wait for it.
	Play DecisionKind = "Play"
)

// Decision is something to be done, as data.
type Decision struct {
	// ID is derived from what is decided: the same decision has the same ID
	// on every undog and after every restart.
	ID       string
	Kind     DecisionKind
	Workload Workload
	// Generation is the workload's generation that was judged.
	Generation int64
	// From is the revision that is judged, To the one to return to.
	From, To RevisionRef
	// Record goes to the ledger (Remember, Undo, Pause).
	Record Record
	// Check is the name of the check to play (Play).
	Check string
	// AtLeast is how many pods must still be available when Record is kept;
	// 0 when that does not matter.
	AtLeast int32
}

// Verdict is what a revision was found to be.
type Verdict string

// The verdicts.
const (
	Good Verdict = "Good"
	Bad  Verdict = "Bad"
	// Provisional is no verdict yet: the revision was complete, without
	// evidence against it, when it was replaced before its bake window was over.
	Provisional Verdict = "Provisional"
)

// Record is undog's memory of one judged revision. The ledger keeps it; durable
// events are derived from it, so that what was published can be compared with
// what happened.
type Record struct {
	Revision RevisionRef `json:"revision"`
	Verdict  Verdict     `json:"verdict"`
	// Adopted marks a revision that had proved itself before undog came; no
	// event tells of it.
	Adopted bool      `json:"adopted,omitempty"`
	Reason  string    `json:"reason"`
	Message string    `json:"message"`
	At      time.Time `json:"at"`
	// Failures and Changes are the evidence and the difference to Target,
	// cut to what the ledger can hold.
	Failures []Failure    `json:"failures,omitempty"`
	Changes  []Change     `json:"changes,omitempty"`
	Vetoes   []Considered `json:"vetoes,omitempty"`
	// DecisionID, Action and Target are set when the verdict is Bad.
	DecisionID string      `json:"decisionID,omitempty"`
	Action     Action      `json:"action,omitempty"`
	Target     RevisionRef `json:"target,omitzero"`
	Policy     string      `json:"policy,omitempty"`
	// Refused says why the action was not carried out.
	Refused *Note `json:"refused,omitempty"`
	// Contested says that the revision came back after it was undone.
	Contested *Note `json:"contested,omitempty"`
	// Withdrawn says why a Bad verdict became Good.
	Withdrawn *Note `json:"withdrawn,omitempty"`
	// Digests says which images the revision's pods really ran, so that a tag
	// that was moved since is noticed.
	Digests []Digest `json:"digests,omitempty"`
	// Checks is what checks have shown, Reported what was said from outside,
	// where the verdict rests on that.
	Checks   []CheckEvidence `json:"checks,omitempty"`
	Reported *Reported       `json:"reported,omitempty"`
	// By is who released the revision, nil if nobody knows.
	By *Author `json:"by,omitempty"`
	// Captured is what the undo took away.
	Captured []Captured `json:"captured,omitempty"`
}

// Considered is a veto that was asked and did not hold, with why not.
type Considered struct {
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// Note is a reason with its time.
type Note struct {
	At      time.Time `json:"at"`
	Reason  string    `json:"reason"`
	Message string    `json:"message"`
}

// Rollback is one undo as the workload itself remembers it: it is written in
// the same patch as the template, so that it happened if and only if it is there.
type Rollback struct {
	DecisionID string `json:"id"`
	// Workload is the UID of the workload: an annotation can be copied to
	// another one. It is "" in what old versions wrote.
	Workload string    `json:"workload,omitempty"`
	At       time.Time `json:"at"`
	// From and To are ReplicaSet UIDs; Template is the hash of the template undone.
	From     string `json:"from"`
	To       string `json:"to"`
	Template string `json:"template"`
}

// Transition is a change worth telling, and the only thing that is published.
// What was not done is a transition too.
type Transition struct {
	// ID is derived from the cluster-wide facts of the transition, the same
	// on every undog and after every restart.
	ID       string
	Kind     TransitionKind
	Workload Workload
	At       time.Time
	// From and To are phases.
	From, To Phase
	// Reason is CamelCase and stable, Message a sentence for people.
	Reason, Message string
	// Revision is the one spoken of; Target the one to return to, if any.
	Revision, Target RevisionRef
	// Rollout identifies the rollout: all transitions of one rollout share it.
	Rollout    string
	DecisionID string
	Policy     string
	Action     Action
	Failures   []Failure
	Changes    []Change
	// Vetoes are those that were asked and did not hold.
	Vetoes []Considered
	// Checks is what checks have shown, Reported what was said from outside.
	Checks   []CheckEvidence
	Reported *Reported
	// By is who released the revision, nil if nobody knows.
	By *Author
	// Captured is what the undo took away.
	Captured []Captured
	// Cause is the ID of the transition that led to this one, "" if none did
	// or its ID cannot be derived: like ID it is the same after every restart.
	Cause string
}

// TransitionKind is noun.verb, the last two tokens of the event's subject.
type TransitionKind string

// The kinds of transition. Durable ones are derived from the ledger and the
// workload; the others are told at best effort while undog runs.
const (
	RolloutStarted    TransitionKind = "rollout.started"
	RolloutSuspect    TransitionKind = "rollout.suspect"
	RolloutHeld       TransitionKind = "rollout.held"
	RolloutCleared    TransitionKind = "rollout.cleared"
	RolloutRecovered  TransitionKind = "rollout.recovered"
	RolloutHalted     TransitionKind = "rollout.halted"
	VerdictGood       TransitionKind = "verdict.good"
	VerdictBad        TransitionKind = "verdict.bad"
	VerdictWithdrawn  TransitionKind = "verdict.withdrawn"
	RollbackDone      TransitionKind = "rollback.done"
	RollbackRefused   TransitionKind = "rollback.refused"
	RollbackContested TransitionKind = "rollback.contested"
	RollbackWouldHave TransitionKind = "rollback.would-have"
	RolloutPaused     TransitionKind = "rollout.paused"
	RolloutResumed    TransitionKind = "rollout.resumed"
	// CheckInconclusive tells that a check says nothing, and why; CheckDiffers
	// what it found changed without holding it against the revision.
	CheckInconclusive TransitionKind = "check.inconclusive"
	CheckDiffers      TransitionKind = "check.differs"
	// BrakeEngaged and BrakeReleased speak of the fleet: their Workload is empty.
	BrakeEngaged  TransitionKind = "brake.engaged"
	BrakeReleased TransitionKind = "brake.released"
	// LeaderElected and LeaderLost speak of one of several undogs: it is their Workload.
	LeaderElected TransitionKind = "leader.elected"
	LeaderLost    TransitionKind = "leader.lost"
	// ConfigReloaded and ConfigRejected speak of what an undog goes by: it is their Workload.
	ConfigReloaded TransitionKind = "config.reloaded"
	ConfigRejected TransitionKind = "config.rejected"
)

// Durable tells whether the transition must reach the stream whatever dies.
func (k TransitionKind) Durable() bool {
	switch k {
	case VerdictGood, VerdictBad, VerdictWithdrawn, RollbackDone, RollbackRefused, RollbackContested, RolloutHalted:
		return true
	case RolloutStarted, RolloutSuspect, RolloutHeld, RolloutCleared, RolloutRecovered,
		RollbackWouldHave, RolloutPaused, RolloutResumed, CheckInconclusive, CheckDiffers, BrakeEngaged, BrakeReleased,
		LeaderElected, LeaderLost, ConfigReloaded, ConfigRejected:
		return false
	}
	return false
}
