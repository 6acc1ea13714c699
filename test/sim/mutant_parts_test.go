package sim

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/test/sim/apiserver"
)

// engineFunc is an Engine made of a function.
type engineFunc func(policy.Input) policy.Ready

func (f engineFunc) Step(in policy.Input) policy.Ready { return f(in) }

// seeing shows the engine every observation changed. The observation is a copy.
func seeing(change func(o *policy.Observation)) func(Engine) Engine {
	return func(e Engine) Engine {
		return engineFunc(func(in policy.Input) policy.Ready {
			if o, ok := in.(*policy.Observation); ok {
				next := *o.Whole()
				next.Revisions = append([]policy.Revision(nil), next.Revisions...)
				change(&next)
				in = &next
			}
			return e.Step(in)
		})
	}
}

// roundTripFunc is an http.RoundTripper made of a function.
type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// reading changes what the executor reads of a resource.
func reading(resource string, change func(req *http.Request, object map[string]any)) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTripFunc(func(req *http.Request) (*http.Response, error) {
			res, err := next.RoundTrip(req)
			if err != nil || req.Method != http.MethodGet || res.StatusCode != http.StatusOK || !strings.Contains(req.URL.Path, "/"+resource+"/") {
				return res, err
			}
			var object map[string]any
			if err := json.NewDecoder(res.Body).Decode(&object); err != nil {
				return nil, err
			}
			change(req, object)
			return apiserver.OK(object).Response(req)
		})
	}
}

// patching changes the operations of every JSON Patch.
func patching(change func([]apiserver.Operation) []apiserver.Operation) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTripFunc(func(req *http.Request) (*http.Response, error) {
			if req.Method != http.MethodPatch || !strings.Contains(req.URL.Path, "/deployments/") {
				return next.RoundTrip(req)
			}
			var ops []apiserver.Operation
			if err := json.NewDecoder(req.Body).Decode(&ops); err != nil {
				return nil, err
			}
			raw, err := json.Marshal(change(ops))
			if err != nil {
				return nil, err
			}
			req.Body = io.NopCloser(bytes.NewReader(raw))
			return next.RoundTrip(req)
		})
	}
}

// chain applies both.
func chain(a, b func(http.RoundTripper) http.RoundTripper) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper { return a(b(next)) }
}

// unfence drops the tests of a patch.
func unfence(ops []apiserver.Operation) []apiserver.Operation {
	var kept []apiserver.Operation
	for _, op := range ops {
		if op.Op != "test" {
			kept = append(kept, op)
		}
	}
	return kept
}

// field is an object inside an object; an empty one if it is not there.
func field(object map[string]any, name string) map[string]any {
	m, _ := object[name].(map[string]any)
	return m
}
