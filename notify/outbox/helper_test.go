package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/outbox"
	"github.com/undog-dev/undog/policy"
)

var errDown = errors.New("stream is down")

// stream is a publisher and what it holds. It keeps every try it accepted, so
// that a test sees what was published twice.
type stream struct {
	mu       sync.Mutex
	down     bool
	unread   bool
	reject   map[string]bool
	accepted []string
	scans    int
	// lost counts the accepted that are gone, made how often the stream was made.
	lost, made, looks int
	since             time.Time
}

func (s *stream) Publish(_ context.Context, e notify.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.down:
		return errDown
	case s.reject[e.ID]:
		return notify.Permanent(errors.New("not wanted"))
	}
	s.accepted = append(s.accepted, e.ID)
	return nil
}

func (s *stream) Known(_ context.Context, since time.Time) (func(string) bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scans++
	s.since = since
	if s.down || s.unread {
		return nil, errDown
	}
	have := slices.Clone(s.accepted)
	return func(id string) bool { return slices.Contains(have, id) }, nil
}

// Holding counts; the stream is as old as it was made often.
func (s *stream) Holding(context.Context) (notify.Holding, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks++
	if s.down {
		return notify.Holding{}, errDown
	}
	h := notify.Holding{Created: bubble.AddDate(0, 0, s.made), Events: uint64(len(s.accepted)), Last: uint64(len(s.accepted) + s.lost)}
	if len(s.accepted) > 0 {
		h.Oldest = time.Now().Add(-time.Hour)
	}
	return h, nil
}

// bubble is when the time of every bubble begins.
var bubble = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func (s *stream) set(f func(*stream)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s)
}

func (s *stream) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.accepted)
}

// cluster holds what is owed.
type cluster struct {
	mu   sync.Mutex
	owed []policy.Transition
}

func (c *cluster) add(ts ...policy.Transition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.owed = append(c.owed, ts...)
}

func (c *cluster) Owed() []policy.Transition {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.owed)
}

// start runs an outbox until the test ends. It must be called in a bubble.
func start(t *testing.T, opts outbox.Options) *outbox.Outbox {
	t.Helper()
	opts.Cluster = "demo"
	o, err := outbox.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- o.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return o
}

// transition of workload w, n minutes after the present of the bubble.
func transition(w string, kind policy.TransitionKind, n int) policy.Transition {
	return policy.Transition{
		ID: fmt.Sprintf("%s/%s/%d", w, kind, n), Kind: kind, At: time.Now().Add(time.Duration(n) * time.Minute),
		Workload: policy.Workload{Kind: "Deployment", Namespace: "shop", Name: w, UID: "uid-" + w},
	}
}

func ids(ts ...policy.Transition) []string {
	var out []string
	for _, t := range ts {
		out = append(out, t.ID)
	}
	return out
}

// settle lets the outbox do what it can for so long in the bubble's time.
func settle(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func wantIDs(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot  %v\nwant %v", what, got, want)
	}
}
