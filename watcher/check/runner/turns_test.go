package runner_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/persona"
)

// TestWarmPodsAreAsked adds pods in the middle of a rollout that have just become
// ready. They are slow at first, as every pod of the application is.
func TestWarmPodsAreAsked(t *testing.T) {
	w := newTown(t)
	w.pod("new-1", newRS, "n1", good)
	w.pod("new-2", newRS, "n2", broken)
	w.pod("old-1", oldRS, "n1", good)
	w.pod("old-2", oldRS, "n2", good)
	w.pods[0].ReadySince = time.Now().Add(-policy.WarmUp)
	w.pods[1].ReadySince = time.Now().Add(time.Minute)
	r := w.runner(nil, front(check.Expect{}))
	for range 4 {
		if got := r.Play(t.Context(), decision("front")); of(got) != (counts{1, 0, 2, 0}) {
			t.Fatalf("got %+v: %s", of(got), got.Message)
		}
	}
	if w.times("new-1") != 4 || w.times("new-2") != 0 {
		t.Errorf("asked the warm pod %d times and the cold one %d times", w.times("new-1"), w.times("new-2"))
	}
	w.pods = w.pods[1:] // The others wait for this one.
	if got := r.Play(t.Context(), decision("front")); got.NewFailed != 1 {
		t.Errorf("the only pod is not asked: %+v", got)
	}
}

// TestOnePlayPerPersona asks for a second check of one persona while the first is
// played, on a workload with pods enough for both.
func TestOnePlayPerPersona(t *testing.T) {
	w := newTown(t)
	asked, open := make(chan struct{}), make(chan struct{})
	page := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			return
		}
		select {
		case <-open:
		case asked <- struct{}{}:
			<-open
		}
	})
	for _, name := range []string{"1", "2", "3", "4"} {
		w.served("new-"+name, newRS, "n"+name, page, true)
		w.served("old-"+name, oldRS, "n"+name, page, true)
	}
	one, two, three := front(check.Expect{}), front(check.Expect{}), front(check.Expect{})
	one.Persona, two.Persona = "admin", "admin"
	two.Name, two.Steps[0].Request = "other", &check.Request{Path: "/other"}
	three.Name, three.Steps[0].Request = "nobody", &check.Request{Path: "/nobody"}
	r := w.runner([]persona.Source{{Name: "admin", Values: map[string]string{"username": "admin"}}}, one, two, three)
	var playing sync.WaitGroup
	playing.Go(func() {
		if got := r.Play(t.Context(), decision("front")); of(got) != (counts{1, 0, 2, 0}) {
			t.Errorf("the first: %+v: %s", of(got), got.Message)
		}
	})
	<-asked
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if got := r.Play(short, decision("other")); got.Reason != string(check.ReasonBusy) {
		t.Errorf("beside it: %+v, want it to wait", got)
	}
	if got := r.Play(t.Context(), decision("nobody")); of(got) != (counts{1, 0, 2, 0}) {
		t.Errorf("without a persona: %+v: %s", of(got), got.Message)
	}
	close(open)
	playing.Wait()
	if got := r.Play(t.Context(), decision("other")); of(got) != (counts{1, 0, 2, 0}) {
		t.Errorf("after it: %+v: %s", of(got), got.Message)
	}
}
