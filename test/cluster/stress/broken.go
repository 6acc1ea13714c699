package stress

import (
	"errors"
	"fmt"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/cluster/hold"
)

// Broken is a server that answers with an error, or hangs up.
type Broken struct {
	// Turns are counted for each kind of request on its own.
	Turns Turns
	// Code is the HTTP status; 0 hangs up without an answer.
	Code int
	// Done says that the server has done what it was asked for before it fails.
	Done bool
	// Of takes the requests that it is about; nil takes all.
	Of func(*Request) bool

	Counted
	turns counter
}

// Answer implements Fault.
func (b *Broken) Answer(r *Request, server http.RoundTripper) (*http.Response, error) {
	if !only(b.Of, r) || !b.turns.bad(b.Turns, r.key()) {
		return server.RoundTrip(r.Request)
	}
	b.note()
	if b.Done {
		resp, err := server.RoundTrip(r.Request)
		if err != nil {
			return nil, fmt.Errorf("ask the server: %w", err)
		}
		if err := drop(resp); err != nil {
			return nil, err
		}
	}
	if b.Code == 0 {
		return nil, hold.ErrHangUp
	}
	reason := metav1.StatusReasonInternalError
	if b.Code == http.StatusServiceUnavailable {
		reason = metav1.StatusReasonServiceUnavailable
	}
	return status(r, b.Code, reason, "etcdserver: request timed out"), nil
}

// errCut ends what is read of an answer.
var errCut = errors.New("answer is cut")
