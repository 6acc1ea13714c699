package hold

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
)

// errExpired is that a request was held for too long.
var errExpired = errors.New("held for too long")

// expired is what an API server says to a watch that wants to go on where it
// was, when what has happened since then is no longer known.
const expired = `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",` +
	`"message":"too old resource version","reason":"Expired","code":410}`

// Stall breaks the watches under way and holds those that come until the gate
// is released. To these it says that they come too late to go on where they
// were, so that their clients list anew and never learn what happened in between.
func (a *API) Stall() *Gate {
	g := newGate()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.gates = append(a.gates, apiGate{Gate: g, match: isWatch, when: Before, expires: true})
	for r, cancel := range a.underWay {
		if isWatch(r) {
			cancel()
		}
	}
	return g
}

func isWatch(r *http.Request) bool { return r.URL.Query().Get("watch") == "true" }

// enter makes a request one that can be broken off.
func (a *API) enter(r *http.Request) (*http.Request, func()) {
	ctx, cancel := context.WithCancel(r.Context())
	r = r.WithContext(ctx)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.underWay[r] = cancel
	return r, func() {
		cancel()
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.underWay, r)
	}
}

// gone is the answer to a request that was held for too long.
func gone(r *http.Request) *http.Response {
	return &http.Response{
		Status: "410 Gone", StatusCode: http.StatusGone, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(expired)),
		ContentLength: int64(len(expired)), Request: r,
	}
}
