package trial_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/play"
	"github.com/undog-dev/undog/watcher/check/trial"
)

// strict is an application that lets a user have one session, on whatever pod;
// whoever logs in ends the session before.
type strict struct {
	mu      sync.Mutex
	session int
	// first counts how often each pod was the first to be asked in a trial.
	first map[string]int
	begun bool
}

func (s *strict) pod(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.begun {
			s.begun = true
			s.first[name]++
		}
		if r.URL.Path == "/login" {
			s.session++
			http.SetCookie(w, &http.Cookie{Name: "s", Value: fmt.Sprint(s.session), Path: "/"})
			return
		}
		if c, err := r.Cookie("s"); err != nil || c.Value != fmt.Sprint(s.session) {
			w.WriteHeader(http.StatusForbidden)
		}
	}
}

// TestOnePersonaOneSession plays for a user who may have one session at a time:
// no play may end another's, and no pod may always come first.
func TestOnePersonaOneSession(t *testing.T) {
	s := &strict{first: map[string]int{}}
	player, err := play.New(check.Check{Name: "account", Persona: "admin", Steps: []check.Step{
		{Request: &check.Request{Path: "/login"}},
		{Request: &check.Request{Path: "/"}, Expect: check.Expect{Status: []string{"200"}}},
		{Request: &check.Request{Path: "/account"}, Expect: check.Expect{Status: []string{"200"}}},
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pods := trial.Pods{New: target(t, s.pod("new")), Old: []play.Target{target(t, s.pod("old-1")), target(t, s.pod("old-2"))}}
	pods.Old[1].Pod = "another"
	for range 60 {
		s.begun = false
		ran := trial.Run(t.Context(), player, persona, pods)
		if got := ran.Sample(); got.New != 1 || got.Old != 2 || got.NewFailed+got.OldFailed > 0 {
			t.Fatalf("%d of %d failed on the new pod, %d of %d on the old ones: %s", got.NewFailed, got.New, got.OldFailed, got.Old, ran.Result.Message)
		}
	}
	if len(s.first) != 3 {
		t.Errorf("first to be asked were %v, want each in turn", s.first)
	}
}
