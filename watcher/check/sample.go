package check

import "time"

// Sample is what one play of a check at one moment showed of both revisions.
// Every pod counts once. It holds no secret and may be published.
type Sample struct {
	Check string
	At    time.Time
	// New and Old count the pods that gave a result, NewFailed and OldFailed
	// those that failed. How many were asked must not depend on what they
	// answered.
	New, NewFailed, Old, OldFailed int
	// Pods are the pods of the new revision that gave a result.
	Pods []Pod
	// Result is for people: the judged failure, what kept the play from giving
	// a result, or that all is well.
	Result Result
	// Absolute says that the failure needs no comparison with the old revision:
	// an expectation did not hold.
	Absolute bool
	// Silent says that the pods that failed did not answer, or only that they
	// are not ready to (503).
	Silent bool
	// Differences are told and convict nobody.
	Differences []Difference
	// RetryAfter is how long the application asked to be left alone.
	RetryAfter time.Duration
}

// Pod is one that gave a result.
type Pod struct {
	Name, Node string
	Failed     bool
}

// Difference is something that changed between what two revisions answered.
type Difference struct {
	// Kind is a word of package differ.
	Kind string
	// Where is the step and the place in its answer.
	Where string
	// Old and New are redacted and bounded.
	Old, New string
}
