package app

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	// maxAsked bounds for how many kinds of requests it is known when they are
	// welcome again, maxRetryAfter how long a server may ask to wait.
	maxAsked      = 1024
	maxRetryAfter = 2 * time.Minute
	// firstAnswer is for how long others wait for the answer to the first request
	// after a wait.
	firstAnswer = 250 * time.Millisecond
)

// waiting keeps requests back until the server wants them. A client does so as
// long as it makes the same request; who gave that up and comes again does not
// know any more that the server had asked to wait.
type waiting struct {
	server http.RoundTripper

	mu    sync.Mutex
	until map[string]time.Time
}

func newWaiting(server http.RoundTripper) http.RoundTripper {
	return &waiting{server: server, until: map[string]time.Time{}}
}

// RoundTrip implements http.RoundTripper.
func (w *waiting) RoundTrip(r *http.Request) (*http.Response, error) {
	key := r.Method + " " + r.URL.Path
	if err := w.wait(r.Context(), key); err != nil {
		return nil, fmt.Errorf("wait until the API server takes %s again: %w", key, err)
	}
	resp, err := w.server.RoundTrip(r)
	if err == nil {
		w.note(key, resp, time.Now())
	}
	return resp, err
}

// wait returns when the request is welcome. Of several that wait for the same, one
// goes first: the others hear what becomes of it.
func (w *waiting) wait(ctx context.Context, key string) error {
	for {
		pause := w.turn(key, time.Now())
		if pause <= 0 {
			return nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
}

// turn is how long a request has to wait. One that has not keeps the others back
// for a moment.
func (w *waiting) turn(key string, now time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	until, ok := w.until[key]
	if !ok {
		return 0
	}
	if pause := until.Sub(now); pause > 0 {
		return pause
	}
	w.until[key] = now.Add(firstAnswer)
	return 0
}

// note remembers for how long the server wants to be left alone.
func (w *waiting) note(key string, resp *http.Response, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if resp.StatusCode != http.StatusTooManyRequests || err != nil || seconds <= 0 {
		delete(w.until, key)
		return
	}
	if len(w.until) >= maxAsked {
		w.forget(now)
	}
	w.until[key] = now.Add(min(time.Duration(seconds)*time.Second, maxRetryAfter))
}

// forget makes room: of what is over, or else of everything.
func (w *waiting) forget(now time.Time) {
	for key, until := range w.until {
		if !until.After(now) {
			delete(w.until, key)
		}
	}
	if len(w.until) >= maxAsked {
		clear(w.until)
	}
}
