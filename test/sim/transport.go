package sim

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/test/sim/apiserver"
	"github.com/undog-dev/undog/test/sim/world"
)

// transport carries the requests of one undog. It implements http.RoundTripper.
type transport struct {
	sim *simulation
}

var (
	errKilled = errors.New("this undog is dead")
	errBroken = errors.New("connection broken")
)

// RoundTrip serves one request, with whatever happens before and after it.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	a := req.Context().Value(actionKey{}).(*action)
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	what := req.Method + " " + req.URL.Path
	if !a.pause(what) {
		return nil, errKilled
	}
	s := t.sim
	if s.faults.hits(s.faults.refuse) || !s.faults.calm && s.world.Clock.Now().Before(a.undog.away) {
		s.trace("%s: %s fails", a.undog.name, what)
		return t.broken(req)
	}
	r := s.serve(a, req, body)
	s.trace("%s: %s: %d", a.undog.name, what, r.Code)
	if s.faults.hits(s.faults.linger) && !a.pause("answer to "+what) {
		return nil, errKilled
	}
	if s.faults.hits(s.faults.lose) {
		s.trace("%s: answer to %s is lost", a.undog.name, what)
		return t.broken(req)
	}
	// The answer says what time it is.
	a.undog.off = a.undog.ahead
	return r.Response(req)
}

// broken is a request without a useful answer: no connection, or a server that
// gives up on it.
func (t *transport) broken(req *http.Request) (*http.Response, error) {
	if t.sim.faults.rand.IntN(2) == 0 {
		return nil, errBroken
	}
	return apiserver.Failure(http.StatusInternalServerError, "InternalError", "etcdserver: request timed out").Response(req)
}

// serve answers, and notes what that changed.
func (s *simulation) serve(a *action, req *http.Request, body []byte) apiserver.Reply {
	w, name := s.world, a.decision.Workload.Name
	before, records := w.Deployment(name), w.Records.Len()
	from := ""
	if before != nil {
		from = w.Template(before)
	}
	r := s.api.Answer(req.Method, req.URL.Path, req.URL.Query(), body)
	if d, ok := r.Object().(*appsv1.Deployment); ok && req.Method == http.MethodGet {
		a.readUID, a.readGeneration = string(d.UID), d.Generation
	}
	if req.Method == http.MethodGet {
		return r
	}
	s.history.lastRequest = w.Clock.Now()
	after := w.Deployment(name)
	if after == before && w.Records.Len() == records {
		return r
	}
	now := s.observed(a.decision.Workload)
	durable := policy.Durable(cluster, now)
	for _, t := range durable {
		s.history.derivable[t.ID] = t
	}
	if after != before {
		s.note(a, write{before: before, after: after, from: from, to: w.Template(after), records: now.Records, owed: durable})
	}
	return r
}

// note adds a write to the history.
func (s *simulation) note(a *action, w write) {
	w.at, w.undog, w.decision = s.world.Clock.Now(), a.undog.name, a.decision
	w.readUID, w.readGeneration = a.readUID, a.readGeneration
	w.owed = slices.DeleteFunc(w.owed, func(t policy.Transition) bool { return t.DecisionID != a.decision.ID })
	s.history.writes = append(s.history.writes, w)
	s.trace("%s: %s of %s: generation %d, template %s to %s", w.undog, w.decision.Kind, w.after.Name, w.after.Generation,
		describe(s.world, w.from), describe(s.world, w.to))
}

// describe names a template by its version and fate.
func describe(w *world.World, hash string) string {
	t := w.Truth(hash)
	if t == nil {
		return "unknown"
	}
	return fmt.Sprintf("1.%d (%s)", t.Version, t.Fate)
}
