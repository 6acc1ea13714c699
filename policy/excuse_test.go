package policy_test

import (
	"slices"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
)

// TestOver shows that what went wrong while the old revision failed as well is
// no evidence once that is over, and what goes wrong after it is.
func TestOver(t *testing.T) {
	at := noon.Add(time.Minute)
	for name, test := range map[string]struct {
		// what fails with the new revision, last seen at a time.
		fails func(r *policy.Revision, last time.Time)
		// well is how long after the end nothing new has been seen, and bad
		// when it is known to be the revision.
		well, bad time.Duration
	}{
		"it exits": {fails: func(r *policy.Revision, last time.Time) { r.Failures[0].Last = last }, well: time.Minute, bad: 90 * time.Second},
		"it is not ready": {fails: func(r *policy.Revision, _ time.Time) {
			r.Failures, r.Waiting, r.WaitingNodes = nil, []time.Time{at.Add(-5 * time.Minute)}, 1
		}, well: time.Minute, bad: 130 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			e := policy.New(settings())
			e.Step(healthy(1, noon))
			step := func(version uint64, now, last time.Time, oldToo bool) policy.Ready {
				o := broken(version, now)
				o.Revisions[1].CreatedAt = at
				test.fails(&o.Revisions[1], last)
				if oldToo {
					o.Revisions[0].Ready, o.Revisions[0].Failures = 0, slices.Clone(o.Revisions[1].Failures)
					o.Revisions[0].Waiting = []time.Time{at.Add(-5 * time.Minute), at.Add(-5 * time.Minute)}
				}
				all := e.Step(o)
				for _, d := range all.Decisions {
					if d.Kind == policy.Compare {
						next := e.Step(policy.Comparison{At: now, Workload: d.Workload, From: d.From.UID, To: d.To.UID})
						all.Decisions = append(all.Decisions, next.Decisions...)
					}
				}
				return all
			}
			undone := func(all policy.Ready) bool {
				return slices.ContainsFunc(all.Decisions, func(d policy.Decision) bool { return d.Kind == policy.Undo })
			}
			if undone(step(2, at, at, true)) {
				t.Fatal("undone though the old revision fails in the same way")
			}
			if undone(step(3, at.Add(test.well), at, false)) {
				t.Error("undone for what happened before the old revision was well again")
			}
			if !undone(step(4, at.Add(test.bad), at.Add(test.bad), false)) {
				t.Error("not undone for what has happened since")
			}
		})
	}
}

// TestWhenOthersFail shows which workloads that begin to fail speak for another cause.
func TestWhenOthersFail(t *testing.T) {
	at := noon.Add(time.Minute)
	unready := func(o *policy.Observation) {
		r := &o.Revisions[1]
		r.Failures, r.Waiting, r.WaitingNodes = nil, []time.Time{at.Add(-10 * time.Minute)}, 1
	}
	for name, test := range map[string]struct {
		after time.Duration
		o     func(o *policy.Observation)
		held  string
	}{
		"a moment after it": {after: 5 * time.Second, held: "OthersFailToo"},
		"a moment after it, which was away since its release began": {after: 5 * time.Second, o: func(o *policy.Observation) {
			o.Recreate = true
		}},
		"before its release, which has taken it away": {after: -5 * time.Second, held: "OthersFailToo", o: func(o *policy.Observation) {
			o.Recreate = true
		}},
		"while its pods should have become ready": {after: -9*time.Minute - 10*time.Second, held: "OthersFailToo", o: func(o *policy.Observation) {
			unready(o)
			o.Revisions[0].SlowestReady = 24 * time.Second
		}},
		"after its pods should have become ready": {after: -9*time.Minute - 10*time.Second, o: func(o *policy.Observation) {
			unready(o)
			o.Revisions[0].SlowestReady = 2 * time.Second
		}},
	} {
		t.Run(name, func(t *testing.T) {
			around := func(e *policy.Engine) { troubles(e, 2, "shop", at.Add(test.after)) }
			if held := heldBy(t, changedTo("spec.containers[app].image", "shop:1.1"), around, test.o, at); held != test.held {
				t.Errorf("held by %q, want %q", held, test.held)
			}
		})
	}
}
