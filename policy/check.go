package policy

import "time"

// Check is a check as the engine sees it: on which workloads it is played and
// how often, not what it does.
type Check struct {
	Name string
	// Match tells whether the check is for a workload with this namespace and
	// these labels. It must be pure. nil matches everything. All checks that
	// match are played.
	Match func(namespace string, labels Labels) bool
	// Every is how often it is played once nothing is new any more; 0 means
	// DefaultEvery. Young and suspected revisions are looked at more often.
	Every time.Duration
	// Version differs where the check of a name does something else than before:
	// what the one has shown says nothing of the other.
	Version string
}

// DefaultEvery is how often a check is played if it does not say.
const DefaultEvery = 10 * time.Second

// WarmUp is how long a pod may take, once it is ready, until it does well: the
// old ones have long done so, and were no better. The engine waits for the
// first pods; of the later ones none is to be asked sooner, as long as another
// one can be.
const WarmUp = 15 * time.Second

// CheckResult answers a Check decision: what the pods of the revision that is
// judged answered and, at the same moment, those of the one it replaces.
type CheckResult struct {
	At         time.Time
	Workload   Workload
	DecisionID string
	// Check is its name, Revision the ReplicaSet UID of the revision judged.
	Check    string
	Revision string
	// New and Old count the plays that gave a result, NewFailed and OldFailed
	// those of them that failed. All are 0 when nothing was learned.
	New, NewFailed, Old, OldFailed int
	// Pods are the pods of the revision that was judged and gave a result; at
	// most MaxChecked.
	Pods []CheckedPod
	// Silent says that the failing pods did not answer at all, or only that they
	// are not ready to: that may be over once they are up.
	Silent bool
	// Absolute says that what failed needs nothing to compare with: an
	// expectation of the check's own, or a stored baseline.
	Absolute bool
	// Reason is CamelCase: why the play failed, or why nothing was learned; ""
	// if all is well. Step, Message and Excerpt are for people and hold no secret.
	Reason, Step, Message, Excerpt string
	// Differences are what changed without being held against the revision;
	// at most MaxDifferences.
	Differences []Difference
	// RetryAfter is how long the application asked to be left alone.
	RetryAfter time.Duration
}

// CheckedPod is a pod that a check was played on.
type CheckedPod struct {
	Name, Node string
	Failed     bool
}

// Difference is something that changed between what two revisions answered.
type Difference struct {
	Kind  string `json:"kind"`
	Where string `json:"where"`
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
}

// The bounds of what a CheckResult carries and of what is kept of it.
const (
	MaxChecked     = 16
	MaxDifferences = 8
	// MaxExcerpt is the longest excerpt kept, in bytes.
	MaxExcerpt = 256
)

// CheckEvidence is what one check has shown of a revision so far.
type CheckEvidence struct {
	Check string `json:"check"`
	// New and Old count the plays that gave a result, NewFailed and OldFailed
	// those that failed, Inconclusive those that gave none.
	New          int `json:"new"`
	NewFailed    int `json:"newFailed"`
	Old          int `json:"old,omitempty"`
	OldFailed    int `json:"oldFailed,omitempty"`
	Inconclusive int `json:"inconclusive,omitempty"`
	// Odds is how many to one the comparison with the old revision stands
	// against the new one, a whole number, 1 when it says nothing.
	Odds int64 `json:"odds,omitempty"`
	// Reason, Step, Message and Excerpt are those of the last failure or, if
	// there was none, of the last play that gave no result.
	Reason  string `json:"reason,omitempty"`
	Step    string `json:"step,omitempty"`
	Message string `json:"message,omitempty"`
	Excerpt string `json:"excerpt,omitempty"`
	// Pods names some of the pods that failed; at most MaxSamples.
	Pods []string `json:"pods,omitempty"`
	// Differences are told and not held against the revision.
	Differences []Difference `json:"differences,omitempty"`
}

// Report is a verdict from outside: somebody who knows better says that a
// revision is good or bad. It is evidence of a class of its own, answered in
// Ready.Answer.
type Report struct {
	At       time.Time
	Workload Workload
	// Revision names it: the pod-template-hash, the ReplicaSet's name or an
	// image of it. It must be the revision that is being judged.
	Revision string
	Good     bool
	// Reason is a sentence of whoever reports, By who that is. Both are cut
	// at MaxMessage bytes and cleaned of control characters by the sender.
	Reason, By string
	// Observation is the present state of the workload, nil if it is not known.
	// Of a revision that was proven the engine remembers too little to judge it
	// again: without this such a one cannot be reported bad.
	Observation *Observation
}

// Reported is a Report as events and records carry it.
type Reported struct {
	At     time.Time `json:"at"`
	Good   bool      `json:"good"`
	Reason string    `json:"reason"`
	By     string    `json:"by,omitempty"`
}

// Answer says what became of a Report.
type Answer struct {
	Accepted bool
	// Reason is CamelCase: Accepted, UnknownRevision, StaleRevision,
	// NotWatched, AlreadyJudged. Message is a sentence for people.
	Reason, Message string
	// Revision is the one that was meant, if it is known.
	Revision RevisionRef
	Phase    Phase
}
