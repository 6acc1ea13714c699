package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// answers is a server that gives one answer after the other.
type answers []*http.Response

// RoundTrip implements http.RoundTripper.
func (a *answers) RoundTrip(*http.Request) (*http.Response, error) {
	resp := (*a)[0]
	*a = (*a)[1:]
	return resp, nil
}

func turnDown(code int, after string) *http.Response {
	return &http.Response{StatusCode: code, Header: http.Header{"Retry-After": {after}}, Body: http.NoBody}
}

func sendTo(ctx context.Context, t *testing.T, client http.RoundTripper, path string) (int, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://cluster"+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.RoundTrip(r)
	if err != nil {
		return 0, err
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	return resp.StatusCode, nil
}

// What the server does not want yet is kept back, whoever asks; other requests
// are not, and who cannot wait is told.
func TestWaitsForTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &answers{turnDown(429, "8"), turnDown(200, ""), turnDown(200, ""), turnDown(200, "")}
		client := newWaiting(server)
		start := time.Now()
		if code, err := sendTo(t.Context(), t, client, "/a"); code != 429 || err != nil {
			t.Fatalf("got %d, %v", code, err)
		}
		if code, err := sendTo(t.Context(), t, client, "/b"); code != 200 || err != nil || time.Since(start) != 0 {
			t.Errorf("another request: %d, %v after %s", code, err, time.Since(start))
		}
		short, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := sendTo(short, t, client, "/a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who cannot wait gets %v", err)
		}
		if code, err := sendTo(t.Context(), t, client, "/a"); code != 200 || err != nil || time.Since(start) != 8*time.Second {
			t.Errorf("got %d, %v after %s, want 200 after 8s", code, err, time.Since(start))
		}
		if code, err := sendTo(t.Context(), t, client, "/a"); code != 200 || err != nil || time.Since(start) != 8*time.Second {
			t.Errorf("the next one: %d, %v after %s, want 200 at once", code, err, time.Since(start))
		}
	})
}

// What is remembered is bounded, in number and in length.
func TestWaitingIsBounded(t *testing.T) {
	w := newWaiting(&answers{}).(*waiting)
	now := time.Now()
	for i := range 3 * maxAsked {
		w.note(fmt.Sprint(i), turnDown(429, "99999999"), now)
	}
	if len(w.until) > maxAsked {
		t.Errorf("%d are remembered, want at most %d", len(w.until), maxAsked)
	}
	for key, until := range w.until {
		if until.Sub(now) > maxRetryAfter {
			t.Fatalf("%s waits for %s", key, until.Sub(now))
		}
	}
}

// slowly answers after a while.
type slowly struct {
	answers
	mu sync.Mutex
	at []time.Time
}

// RoundTrip implements http.RoundTripper.
func (s *slowly) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.at = append(s.at, time.Now())
	resp, _ := s.answers.RoundTrip(r)
	s.mu.Unlock()
	<-time.After(20 * time.Millisecond)
	return resp, nil
}

// Of several that wait for the same one asks first: where it is turned down again
// the others go on waiting.
func TestOneAsksFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &slowly{answers: answers{turnDown(429, "8"), turnDown(429, "8"), turnDown(200, ""), turnDown(200, "")}}
		client := newWaiting(server)
		start := time.Now()
		if code, err := sendTo(t.Context(), t, client, "/a"); code != 429 || err != nil {
			t.Fatalf("got %d, %v", code, err)
		}
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, err := sendTo(t.Context(), t, client, "/a"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for i, least := range []time.Duration{0, 8 * time.Second, 16 * time.Second, 16 * time.Second} {
			if got := server.at[i].Sub(start); got < least {
				t.Errorf("request %d came after %s, want %s at least", i+1, got, least)
			}
		}
	})
}
