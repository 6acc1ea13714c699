package stress

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Busy is a server that turns requests down and says when they may be made again,
// as API Priority and Fairness does.
type Busy struct {
	// Turns are counted for each kind of request on its own.
	Turns Turns
	// After is how long it asks to wait, in whole seconds.
	After time.Duration
	// Of takes the requests that it is about; nil takes all.
	Of func(*Request) bool

	Counted
	turns counter
	mu    sync.Mutex
	until map[string]time.Time
	early []string
}

// Early lists the requests that were made again too soon.
func (b *Busy) Early() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.early
}

// Answer implements Fault.
func (b *Busy) Answer(r *Request, server http.RoundTripper) (*http.Response, error) {
	if !only(b.Of, r) {
		return server.RoundTrip(r.Request)
	}
	key, err := whole(r)
	if err != nil {
		return nil, err
	}
	b.arrived(key)
	if !b.turns.bad(b.Turns, r.key()) {
		return server.RoundTrip(r.Request)
	}
	b.note()
	b.asked(key)
	resp := status(r, http.StatusTooManyRequests, metav1.StatusReasonTooManyRequests, "too many requests, please try again later")
	resp.Header.Set("Retry-After", strconv.Itoa(int(b.After/time.Second)))
	return resp, nil
}

func (b *Busy) arrived(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if time.Now().Before(b.until[key]) {
		b.early = append(b.early, key)
	}
}

func (b *Busy) asked(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until == nil {
		b.until = map[string]time.Time{}
	}
	b.until[key] = time.Now().Add(b.After)
}

// whole is the key of a request together with what it creates, since many things
// are created in one place.
func whole(r *Request) (string, error) {
	if r.Body == nil || r.Verb != "create" {
		return r.key(), nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return "", fmt.Errorf("read request: %w", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return fmt.Sprintf("%s %x", r.key(), sha256.Sum256(body)), nil
}
