package stress

import (
	"net/http"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const tooOld = "too old resource version"

// Forgetful is a server that no longer knows where a watch was: it turns down
// those that want to go on, and ends others in the middle.
type Forgetful struct {
	// Turns are counted for each watch that wants to go on.
	Turns Turns
	// After is how many events of a watch come before it is over; 0 is no end.
	After int

	Counted
	turns counter
}

// Answer implements Fault.
func (f *Forgetful) Answer(r *Request, server http.RoundTripper) (*http.Response, error) {
	if r.Verb != "watch" {
		return server.RoundTrip(r.Request)
	}
	if rv := r.URL.Query().Get("resourceVersion"); rv != "" && rv != "0" && !r.Streams() && f.turns.bad(f.Turns, r.key()) {
		f.note()
		return status(r, http.StatusGone, metav1.StatusReasonExpired, tooOld), nil
	}
	resp, err := server.RoundTrip(inJSON(r.Request))
	if err != nil || resp.StatusCode != http.StatusOK || f.After == 0 {
		return resp, err
	}
	events := 0
	rewritten(r.Context(), resp, func(e event) ([]event, bool) {
		if e.Type == "BOOKMARK" {
			return []event{e}, false
		}
		if events++; events <= f.After {
			return []event{e}, false
		}
		f.note()
		return []event{errorEvent(http.StatusGone, metav1.StatusReasonExpired, tooOld)}, true
	})
	return resp, nil
}

// Unstreamed is a server that cannot begin a watch with everything that exists,
// so that its clients have to list.
type Unstreamed struct{ Counted }

// Answer implements Fault.
func (u *Unstreamed) Answer(r *Request, server http.RoundTripper) (*http.Response, error) {
	if !r.Streams() {
		return server.RoundTrip(r.Request)
	}
	u.note()
	return status(r, http.StatusUnprocessableEntity, metav1.StatusReasonInvalid,
		"sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled"), nil
}

// Paged is a server that gives lists in pages of so many objects, and forgets
// in turns where a list was.
type Paged struct {
	Limit int
	Turns Turns

	Counted
	turns counter
}

// Answer implements Fault.
func (p *Paged) Answer(r *Request, server http.RoundTripper) (*http.Response, error) {
	if r.Verb != "list" {
		return server.RoundTrip(r.Request)
	}
	query := r.URL.Query()
	if query.Get("continue") != "" && p.turns.bad(p.Turns, r.key()) {
		p.note()
		return status(r, http.StatusGone, metav1.StatusReasonExpired, "The provided continue parameter is too old to display a consistent list result"), nil
	}
	if query.Get("limit") == "" {
		// Whoever asks for everything at once gets it.
		return server.RoundTrip(r.Request)
	}
	out := r.Clone(r.Context())
	query.Set("limit", strconv.Itoa(p.Limit))
	if query.Get("resourceVersion") == "0" {
		// A list from the cache has no pages.
		query.Del("resourceVersion")
		query.Del("resourceVersionMatch")
	}
	out.URL.RawQuery = query.Encode()
	return server.RoundTrip(out)
}
