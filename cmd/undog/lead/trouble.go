package lead

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Trouble is what keeps this process from taking or renewing the Lease. The zero
// value is none.
type Trouble struct {
	// Since is when the first of the requests failed that have failed in a row.
	Since time.Time
	// What was tried: to take the Lease, or to renew it.
	What string
	// Reason is why the last one failed, in words that hold nothing of an answer's body.
	Reason string
}

// Trouble tells what keeps this process from taking or renewing the Lease. That
// somebody else has it is none.
func (e *Elector) Trouble() Trouble {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.trouble
}

// told takes in how a request that reads or writes the Lease has ended.
func (e *Elector) told(ctx context.Context, what string, err error) {
	e.requests.tell(ctx, e.opts, what, err)
	if err != nil && ctx.Err() != nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case err == nil, isAnother(err):
		e.trouble = Trouble{}
	case e.trouble.Since.IsZero():
		e.trouble = Trouble{Since: time.Now(), What: what, Reason: reason(err)}
	default:
		e.trouble.What, e.trouble.Reason = what, reason(err)
	}
}

// reason says why a request failed, without what the server wrote.
func reason(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	if known := apierrors.ReasonForError(err); known != metav1.StatusReasonUnknown {
		return string(known)
	}
	return "the API server cannot be reached; the log has more"
}

// row counts requests of one kind that failed in a row.
type row struct{ failures int }

// tell logs the first failure of a row, and its end.
func (r *row) tell(ctx context.Context, o Options, what string, err error) {
	switch {
	case err == nil && r.failures > 0:
		o.Log.Info("the lease can be reached again", "lease", o.Name, "failures", r.failures)
		r.failures = 0
	case err == nil, ctx.Err() != nil:
	case isAnother(err):
		// Somebody else was faster: that is what the Lease is for.
	default:
		if r.failures++; r.failures == 1 {
			o.Log.Warn("cannot "+what+" the lease", "lease", o.Name, "err", err, "timedOut", errors.Is(err, context.DeadlineExceeded))
		}
	}
}
