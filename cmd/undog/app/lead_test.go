package app

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/undog-dev/undog/cmd/undog/lead"
	"github.com/undog-dev/undog/policy"
)

var at = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// elected is a loop in an election, and what it publishes and takes over.
func elected(change *lead.Change) (l *loop, told, inherited *[]policy.Transition) {
	told, inherited = new([]policy.Transition), new([]policy.Transition)
	l = &loop{
		engine: policy.New(policy.Settings{Cluster: "test"}), metrics: newMetrics("test"), log: slog.New(slog.DiscardHandler),
		publish: func(ts ...policy.Transition) { *told = append(*told, ts...) },
		lead: leading{
			last: func() lead.Change { return *change }, who: policy.Workload{Namespace: "undog", Name: "undog-1", UID: "1"}, remember: time.Minute,
			begins: func(held []policy.Transition) { *inherited = slices.Clone(held) }, ends: func() {},
		},
	}
	l.standBy(at)
	return l, told, inherited
}

func wantKinds(t *testing.T, what string, got []policy.Transition, want ...policy.TransitionKind) {
	t.Helper()
	var kinds []policy.TransitionKind
	for _, tr := range got {
		kinds = append(kinds, tr.Kind)
	}
	if !slices.Equal(kinds, want) {
		t.Errorf("%s: %v, want %v", what, kinds, want)
	}
}

// Who stands by keeps for a while what the other one should tell, and hands it
// over when its own turn begins; from then on it tells by itself.
func TestTellsInItsTurn(t *testing.T) {
	var change lead.Change
	l, told, inherited := elected(&change)
	kind := func(k policy.TransitionKind, after time.Duration) []policy.Transition {
		return []policy.Transition{{Kind: k, At: at.Add(after)}}
	}
	l.tell(policy.Wake{}, kind(policy.RolloutStarted, 0))
	l.tell(policy.Wake{}, kind(policy.RolloutSuspect, 50*time.Second))
	l.tell(policy.Wake{}, kind(policy.VerdictBad, 70*time.Second))
	l.tell(policy.Wake{}, kind(policy.RolloutHeld, 80*time.Second))
	l.checkLead(at.Add(90*time.Second), time.Time{})
	wantKinds(t, "told while it stands by", *told)
	change = lead.Change{Leads: true, Term: 1, Reason: lead.Expired, Other: "undog-0"}
	l.checkLead(at.Add(90*time.Second), time.Time{})
	wantKinds(t, "inherited", *inherited, policy.RolloutSuspect, policy.RolloutHeld)
	l.tell(policy.Wake{}, kind(policy.VerdictBad, 91*time.Second))
	wantKinds(t, "told", *told, policy.LeaderElected, policy.VerdictBad)
	if message := (*told)[0].Message; message != "undog-1 acts from now on: undog-0 did not renew the lease in time" {
		t.Errorf("the event says %q", message)
	}
}

// What came of its own writes is told by nobody else, when it has lost the lease
// meanwhile. A new term is a new turn, however short the time between.
func TestTellsWhatItDid(t *testing.T) {
	change := lead.Change{Leads: true, Term: 1, Reason: lead.First}
	l, told, _ := elected(&change)
	l.checkLead(at, time.Time{})
	change = lead.Change{Term: 1, Reason: lead.NotRenewed}
	l.checkLead(at, time.Time{})
	l.tell(policy.Outcome{}, []policy.Transition{{Kind: policy.VerdictBad, At: at}, {Kind: policy.RolloutPaused, At: at}})
	wantKinds(t, "told", *told, policy.LeaderElected, policy.LeaderLost, policy.RolloutPaused)
	change = lead.Change{Leads: true, Term: 2, Reason: lead.Regained}
	l.checkLead(at, time.Time{})
	l.checkLead(at, time.Time{})
	change.Term = 3
	l.checkLead(at, time.Time{})
	wantKinds(t, "told later", (*told)[3:], policy.LeaderElected, policy.LeaderElected)
}

// What is kept is bounded.
func TestKeepsSoMuch(t *testing.T) {
	l := &leading{remember: time.Hour}
	for range 3 * maxHeld {
		l.hold(policy.Transition{Kind: policy.RolloutStarted, At: at})
	}
	if n := len(l.kept(at)); n == 0 || n > maxHeld {
		t.Errorf("%d are kept, want up to %d", n, maxHeld)
	}
}

// Every change of the lease is told in a sentence.
func TestSentences(t *testing.T) {
	for _, reason := range []string{lead.First, lead.HandedOver, lead.Expired, lead.Regained, lead.NotRenewed, lead.Taken} {
		if got := sentence("a", lead.Change{Reason: reason, Other: "b"}); got == "a: "+reason {
			t.Errorf("%s has no sentence", reason)
		}
	}
}

// Who does not lead refuses at once, without a look at the cluster.
func TestRefusesOutOfTurn(t *testing.T) {
	e, err := lead.New(lead.Options{
		Leases: nobody{}, Name: "undog", Identity: "a", LeaseDuration: 15 * time.Second, RenewDeadline: 10 * time.Second, RetryPeriod: time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{order: map[string][]string{}, busy: map[string]bool{}}
	d := policy.Decision{ID: "1", Kind: policy.Undo, Workload: policy.Workload{UID: "w"}}
	got := whileLeading{r, &election{elector: e}}.Do(context.Background(), d)
	if got.Result != policy.Refused || got.Reason != policy.RefusedNotLeader || got.DecisionID != "1" || got.Kind != policy.Undo || got.Workload != d.Workload {
		t.Errorf("outcome is %+v", got)
	}
	if len(r.order) > 0 {
		t.Error("the executor was asked")
	}
}

// nobody has no Leases.
type nobody struct{ lead.Leases }
