package stress

import (
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Endless is a server that never says that a watch has told everything that
// exists, and then ends it, with an error each second time.
type Endless struct {
	Turns Turns

	Counted
	turns, errors counter
}

// Answer implements Fault.
func (n *Endless) Answer(r *Request, server http.RoundTripper) (*http.Response, error) {
	if !r.Streams() || !n.turns.bad(n.Turns, r.key()) {
		return server.RoundTrip(r.Request)
	}
	resp, err := server.RoundTrip(inJSON(r.Request))
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	fails := n.errors.bad(Turns{Bad: 1, Of: 2}, r.key())
	rewritten(r.Context(), resp, func(e event) ([]event, bool) {
		if !e.ends() {
			return []event{e}, false
		}
		n.note()
		if fails {
			return []event{errorEvent(http.StatusInternalServerError, metav1.StatusReasonInternalError, "etcdserver: leader changed")}, true
		}
		return nil, true
	})
	return resp, nil
}
