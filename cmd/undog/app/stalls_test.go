package app

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undog-dev/undog/cmd/undog/watchdog"
	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/outbox"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/source"

	"k8s.io/client-go/kubernetes/fake"

	"github.com/undog-dev/undog/watcher/api/apitest"
)

// gate is a publisher, a player and an executor that does nothing until it opens.
type gate chan struct{}

func (g gate) wait(ctx context.Context) error {
	select {
	case <-g:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (g gate) Publish(ctx context.Context, _ notify.Event) error { return g.wait(ctx) }

func (g gate) Play(_ context.Context, d policy.Decision) policy.CheckResult {
	<-g
	return policy.CheckResult{Workload: d.Workload}
}

func (g gate) Do(_ context.Context, d policy.Decision) policy.Outcome {
	<-g
	return policy.Outcome{DecisionID: d.ID, Workload: d.Workload, Result: policy.Done}
}

func (g gate) Compare(context.Context, policy.Decision) policy.Comparison { return policy.Comparison{} }

// TestEveryStallShows stalls the loop, a write, the outbox and a play for real,
// each by holding what it calls, and lets them go on.
func TestEveryStallShows(t *testing.T) {
	for name, c := range map[string]struct {
		stall func(*stalling)
		after time.Duration
		livez int
	}{
		"loop": {func(s *stalling) { s.questions <- func(*policy.Engine) { <-s.held } }, stuckAfter, http.StatusInternalServerError},
		"writer": {
			func(s *stalling) {
				s.loop.actions.do(policy.Decision{ID: "1", Kind: policy.Undo, Workload: policy.Workload{UID: "a"}})
			},
			writingFor, http.StatusInternalServerError,
		},
		"publisher": {func(s *stalling) { s.box.Add(started()) }, unpublishedFor, http.StatusOK},
		"outbox":    {func(s *stalling) { s.box.Add(started()) }, publishingFor, http.StatusInternalServerError},
		"checks":    {func(s *stalling) { s.loop.checks.do(policy.Decision{Workload: policy.Workload{UID: "a"}}) }, playingFor, http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := stall(t)
				defer s.end()
				want(t, s.get, "/readyz", http.StatusOK, "ok\n")
				c.stall(s)
				<-time.After(c.after - time.Second)
				synctest.Wait()
				if code, body := s.get("/readyz/" + name); code != http.StatusOK || body != "[+]"+name+" ok\n" {
					t.Errorf("too early: %d %s", code, body)
				}
				<-time.After(time.Second + 10*time.Second)
				synctest.Wait()
				if code, body := s.get("/readyz/" + name); !strings.Contains(body, "no progress") || code != c.livez {
					t.Errorf("/readyz/%s is %d %s", name, code, body)
				}
				if code, body := s.get("/livez"); code != c.livez {
					t.Errorf("/livez is %d %s, want %d", code, body, c.livez)
				}
				_, metrics := s.get("/metrics")
				for _, line := range []string{`undog_stalled{component="` + name + `"} 1`, `undog_stalls_total{component="` + name + `"} 1`} {
					if !strings.Contains(metrics, line+"\n") {
						t.Errorf("/metrics lacks %s", line)
					}
				}
				close(s.held)
				<-time.After(10 * time.Second)
				synctest.Wait()
				want(t, s.get, "/readyz", http.StatusOK, "ok\n")
				want(t, s.get, "/livez", http.StatusOK, "ok\n")
			})
		})
	}
}

func started() policy.Transition {
	return policy.Transition{ID: "1", Kind: policy.RolloutStarted, At: time.Now(), Workload: policy.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: "a"}}
}

// stalling is an undog whose every way out leads to one gate.
type stalling struct {
	held      gate
	questions chan func(*policy.Engine)
	loop      *loop
	box       *outbox.Outbox
	get       func(string) (int, string)
	end       func()
}

func stall(t *testing.T) *stalling {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &stalling{held: make(gate), questions: make(chan func(*policy.Engine), 1)}
	log := slog.New(slog.DiscardHandler)
	client := fake.NewClientset()
	w, err := watcher.New(source.List(apitest.From(client), source.Options{}), watcher.Options{}, log)
	if err != nil {
		t.Fatal(err)
	}
	if s.box, err = outbox.New(outbox.Options{Publisher: s.held, Cluster: "demo"}); err != nil {
		t.Fatal(err)
	}
	m := newMetrics("test")
	h := &health{synced: w.Synced, lost: w.Lost, nats: func() (string, bool) { return "", true }}
	h.alive(time.Now())
	s.loop = &loop{
		engine: policy.New(policy.Settings{Cluster: "demo"}), source: w, actions: newActions(ctx, s.held), checks: newChecks(ctx, s.held, m.played),
		publish: s.box.Add, metrics: m, log: log, alive: h.alive, asked: s.questions,
	}
	h.dog = watchdog.New(log, beats(h, w, s.box, s.loop.actions, s.loop.checks)...)
	observeStalls(m, h.dog)
	done := make(chan struct{}, 4)
	go func() { s.loop.run(ctx, ctx); done <- struct{}{} }()
	go func() { _ = s.box.Run(ctx); done <- struct{}{} }()
	go func() { _ = w.Run(ctx); done <- struct{}{} }()
	go func() { h.dog.Run(ctx); done <- struct{}{} }()
	s.get = asks(h.handler(m))
	s.end = func() {
		cancel()
		for range cap(done) {
			<-done
		}
		s.loop.checks.wait()
		synctest.Wait()
	}
	synctest.Wait()
	return s
}
