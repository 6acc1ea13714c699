package check

import "time"

// Outcome is how a check ended.
type Outcome string

// The outcomes.
const (
	Passed       Outcome = "Passed"
	Failed       Outcome = "Failed"
	Inconclusive Outcome = "Inconclusive"
)

// Reason says why a check did not pass.
type Reason string

// The reasons. All but the first two come with Inconclusive.
const (
	// ReasonExpectation is an expectation that did not hold.
	ReasonExpectation Reason = "Expectation"
	// ReasonDifference is a loss that no expectation spoke of, found by comparing
	// with the old revision.
	ReasonDifference Reason = "Difference"
	// ReasonUnreachable is a connection that could not be made or broke.
	ReasonUnreachable Reason = "Unreachable"
	// ReasonTLS is a handshake that failed.
	ReasonTLS Reason = "TLS"
	// ReasonTimeout is an answer that did not come in time.
	ReasonTimeout Reason = "Timeout"
	// ReasonRedirect is a redirect to another host, or too many.
	ReasonRedirect Reason = "Redirect"
	// ReasonLoop is a redirect that leads back to where it came from, again and again.
	ReasonLoop Reason = "RedirectLoop"
	// ReasonRateLimited is a 429 that was not expected.
	ReasonRateLimited Reason = "RateLimited"
	// ReasonCapture is a capture that found nothing.
	ReasonCapture Reason = "Capture"
	// ReasonForm is a form that is not on the page.
	ReasonForm Reason = "Form"
	// ReasonLogin is a password that every pod asks for again.
	ReasonLogin Reason = "LoginRefused"
	// ReasonTooLarge is a body whose unread rest could decide.
	ReasonTooLarge Reason = "TooLarge"
	// ReasonExpression is a CEL expression that could not be evaluated.
	ReasonExpression Reason = "Expression"
	// ReasonPersona is a value that the persona does not have.
	ReasonPersona Reason = "Persona"
	// ReasonNoPod is a revision none of whose pods may be asked now.
	ReasonNoPod Reason = "NoPod"
	// ReasonBusy is a play that could not begin in time.
	ReasonBusy Reason = "Busy"
	// ReasonNotStarted is a command that could not be started in the pod.
	ReasonNotStarted Reason = "NotStarted"
	// ReasonContainer is a container that the pod does not have.
	ReasonContainer Reason = "Container"
	// ReasonForbidden is something that undog may not do or read.
	ReasonForbidden Reason = "Forbidden"
	// ReasonUnavailable is trouble of what stands between undog and the answer: the
	// API server, the node, the metrics server.
	ReasonUnavailable Reason = "Unavailable"
	// ReasonNoData is a query that gave no number.
	ReasonNoData Reason = "NoData"
	// ReasonStopped is a caller that went away.
	ReasonStopped Reason = "Stopped"
)

// Unanswered tells whether the pod itself stayed silent.
func (r Reason) Unanswered() bool {
	return r == ReasonUnreachable || r == ReasonTLS || r == ReasonTimeout || r == ReasonNotStarted
}

// Unserved tells whether the pod gave no answer that anybody could use, which is
// its fault if another pod did.
func (r Reason) Unserved() bool { return r.Unanswered() || r == ReasonLoop }

// Result is what one play of a check on one pod showed. It holds no secret and
// may be logged and published.
type Result struct {
	Check   string        `json:"check"`
	Pod     string        `json:"pod"`
	At      time.Time     `json:"at"`
	Took    time.Duration `json:"took"`
	Outcome Outcome       `json:"outcome"`
	Reason  Reason        `json:"reason,omitempty"`
	// Step is the one that did not pass, and Expectation what it expected.
	Step        string `json:"step,omitempty"`
	Expectation string `json:"expectation,omitempty"`
	// Message is a sentence for people.
	Message string `json:"message,omitempty"`
	// Excerpt is a part of the body, redacted and bounded.
	Excerpt string `json:"excerpt,omitempty"`
	// Status is that of the last answer, 0 if there was none.
	Status int `json:"status,omitempty"`
}
