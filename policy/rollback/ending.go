package rollback

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
)

// The reasons of an Outcome.
const (
	// Paused: the workload's owner paused it.
	Paused = policy.RefusedPaused
	// OptedOut: the workload's mode annotation forbids acting.
	OptedOut = policy.RefusedOptedOut
	// NotLeader: another undog acts.
	NotLeader = policy.RefusedNotLeader
	// Observing: undog's mode has become observe since the decision.
	Observing = policy.RefusedObserving
	// NoTarget: neither a ReplicaSet nor the ledger has the target's template.
	NoTarget = policy.RefusedNoTarget
	// TargetIncomplete: something that the target names is not there.
	TargetIncomplete = policy.RefusedTargetIncomplete
	// TargetEqualsCurrent: the workload already has the target's template.
	TargetEqualsCurrent = "TargetEqualsCurrent"
	// AlreadyPaused: what was to be paused is paused already.
	AlreadyPaused = "AlreadyPaused"
	// NotPaused: there is no pause to take back.
	NotPaused = "NotPaused"
	// PausedByOwner: the pause to take back is not undog's.
	PausedByOwner = "PausedByOwner"
	// Forbidden: undog lacks a permission.
	Forbidden = "Forbidden"
	// Rejected: the API server or an admission rule refused the change.
	Rejected = "Rejected"
	// Foreign: the ledger's object belongs to somebody else.
	Foreign = "LedgerForeign"
	// NotAnAction: the decision is not one that can be carried out.
	NotAnAction = "NotAnAction"
	// GenerationMoved: the owner changed the workload since it was judged.
	GenerationMoved = "GenerationMoved"
	// TemplateChanged: the workload runs another template than the judged one.
	TemplateChanged = "TemplateChanged"
	// ScaledToZero: there is nothing left to judge.
	ScaledToZero = "ScaledToZero"
	// NotObserved: the Deployment controller has not caught up yet.
	NotObserved = "NotObserved"
	// Tidied: what an undo left behind is not there any more.
	Tidied = "Tidied"
	// EvidenceGone: none of the pods that convicted still shows it.
	EvidenceGone = "EvidenceGone"
	// NotAvailable: what is to be found good is not available, or replaced.
	NotAvailable = "NotAvailable"
	// UndoneBefore: the workload remembers that this template was undone.
	UndoneBefore = "UndoneBefore"
	// TargetCondemned: the ledger holds that the target is bad.
	TargetCondemned = policy.RefusedTargetCondemned
	// Gone: the workload is deleted, being deleted, or another one.
	Gone = "Gone"
	// Unavailable: the API server did not answer, or not now.
	Unavailable = "Unavailable"
)

// maxMessage bounds what of a server's message is passed on, in bytes.
const maxMessage = 512

// ending is how an action ended.
type ending struct {
	result          policy.Result
	reason, message string
	generation      int64
}

func done(generation int64) ending {
	return ending{result: policy.Done, generation: generation}
}

func refused(reason, message string) ending {
	return ending{result: policy.Refused, reason: reason, message: message}
}

func stale(reason, message string) ending {
	return ending{result: policy.Stale, reason: reason, message: message}
}

func noChange(reason, message string, generation int64) ending {
	return ending{result: policy.NoChange, reason: reason, message: message, generation: generation}
}

func vanished(message string) ending {
	return ending{result: policy.Vanished, reason: Gone, message: message}
}

// failed is the ending that an error means.
func failed(err error) ending {
	switch {
	case errors.Is(err, ledger.ErrGone):
		return vanished("the workload was deleted or replaced")
	case errors.Is(err, ledger.ErrForeign):
		return refused(Foreign, "the ledger's object belongs to another owner")
	case errors.Is(err, ledger.ErrNoTemplate):
		return refused(NoTarget, err.Error())
	}
	code, message := status(err)
	switch {
	case code == http.StatusForbidden && strings.Contains(message, "cannot "):
		return refused(Forbidden, message)
	case code == http.StatusNotFound:
		return vanished("the workload was deleted")
	case code == 0, code >= http.StatusInternalServerError,
		slices.Contains([]int{http.StatusUnauthorized, http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests}, code):
		return ending{result: policy.Failed, reason: Unavailable, message: message}
	}
	return refused(Rejected, message)
}

// status is the HTTP code of an API server's answer and what of its message
// may be passed on; 0 when there was no answer.
func status(err error) (code int, message string) {
	var answer apierrors.APIStatus
	if !errors.As(err, &answer) {
		return 0, printable(err.Error())
	}
	s := answer.Status()
	message = s.Message
	if s.Details != nil && slices.ContainsFunc(s.Details.Causes, ofField) {
		message = fields(s)
	}
	return int(s.Code), printable(message)
}

// fields names the invalid fields without the server's message, which quotes
// their values.
func fields(s metav1.Status) string {
	var parts []string
	for _, cause := range s.Details.Causes {
		if ofField(cause) {
			parts = append(parts, fmt.Sprintf("%s (%s)", cause.Field, cause.Type))
		}
	}
	return fmt.Sprintf("%s %q is invalid: %s", s.Details.Kind, s.Details.Name, strings.Join(parts, ", "))
}

func ofField(cause metav1.StatusCause) bool { return cause.Field != "" }

// mayHaveBeenApplied tells whether a write that ended in err can have been
// made nevertheless.
func mayHaveBeenApplied(err error) bool {
	code, _ := status(err)
	return code == 0 || code >= http.StatusInternalServerError
}

// asksToWait is how long the server asks to wait, if it does.
func asksToWait(err error) (time.Duration, bool) {
	code, _ := status(err)
	seconds, ok := apierrors.SuggestsClientDelay(err)
	return time.Duration(seconds) * time.Second, ok && code == http.StatusTooManyRequests
}

// printable drops what a terminal could obey and bounds the text.
func printable(s string) string { return cut(s, maxMessage) }

func cut(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
