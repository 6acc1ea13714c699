package policy_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
)

// strike takes the readiness of all pods of n Deployments from one on, whose
// numbers are step apart, but not of the one that is released.
func (f *fleet) strike(n, from, step int, lasts time.Duration) {
	for i := range n {
		f.ill(from+i*step, 10, lasts, func(r *policy.Revision) { r.Fell = 10 })
	}
}

// TestOutageInChurn has a database go away for many Deployments, one of which is
// being released and exits for want of it. That is held, however much goes on
// beside it and whether or not undog knows what is usual there, until it is over.
func TestOutageInChurn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		n            int
		moved, exits float64
		known        time.Duration
		// victims there are, so far apart; those of a namespace are as far
		// apart as there are namespaces.
		victims, step int
		// after is how long after the first exit they are seen to be unready.
		after time.Duration
	}{
		{n: 5, victims: 2, step: 1},
		{n: 5, moved: 0.1, known: 2 * time.Hour, victims: 2, step: 1, after: 8 * time.Second},
		{n: 20, moved: 0.2, exits: 0.0001, known: 2 * time.Hour, victims: 4, step: 1, after: 8 * time.Second},
		{n: 40, moved: 0.5, known: time.Hour, victims: 3, step: 1, after: -5 * time.Minute},
		{n: 1000, moved: 1.7, victims: 8, step: 1},
		{n: 1000, moved: 1.7, exits: 0.02, known: time.Hour, victims: 40, step: 1, after: 8 * time.Second},
		{n: 1000, moved: 1.7, exits: 0.02, known: time.Hour, victims: 8, step: 20, after: 8 * time.Second},
		{n: 2000, moved: 3, known: 3 * time.Hour, victims: 8, step: 1, after: 8 * time.Second},
		{n: 16000, moved: 20, known: time.Minute, victims: 40, step: 1},
	} {
		name := fmt.Sprintf("%d of %d Deployments, every %d, %s after it, known for %s", test.victims, test.n, test.step, test.after, test.known)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, test.n, test.moved, test.exits)
			f.until(test.known)
			const web, uid = 0, "d-0"
			f.troubled[web] = &policy.Observation{}
			if test.after < 0 {
				f.strike(test.victims, test.step, test.step, 20*time.Minute)
				f.until(-test.after)
			}
			first := f.now
			f.release(web, first, 1)
			f.until(max(test.after, 0))
			if test.after >= 0 {
				f.strike(test.victims, test.step, test.step, 20*time.Minute)
			}
			f.until(15*time.Second - max(test.after, 0))
			for exits := range int32(12) {
				f.release(web, first, 3+exits)
				if _, ok := f.undone[uid]; ok {
					t.Fatalf("undone %s after its first exit, during the outage", f.now.Sub(first))
				}
				f.until(time.Minute)
			}
			if _, ok := f.held[uid]; !ok {
				t.Error("neither held nor undone")
			}
			f.until(10 * time.Minute)
			f.release(web, first, 20)
			if _, ok := f.undone[uid]; !ok {
				t.Error("not undone though it exits after the outage")
			}
		})
	}
}

// TestOutagesAreNotUsual has a database go away again and again: that it did so
// before does not make it what is usual.
func TestOutagesAreNotUsual(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 20, 0.2, 0)
	for range 4 {
		f.until(25 * time.Minute)
		f.strike(6, 1, 1, 5*time.Minute)
	}
	f.until(20 * time.Minute)
	first := f.now
	f.strike(4, 1, 1, 5*time.Minute)
	f.release(0, first, 1)
	f.until(15 * time.Second)
	f.release(0, first, 3)
	if _, ok := f.held["d-0"]; !ok {
		t.Errorf("not held; undone: %v", f.undone)
	}
}

// TestSlowStartsAreTrouble has pods that are moved not become ready: that is no
// start like any other once they take longer than their kind.
func TestSlowStartsAreTrouble(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		waits time.Duration
		held  bool
	}{{20 * time.Second, false}, {time.Minute, true}} {
		f := newFleet(t, 20, 0, 0)
		for i := range 3 {
			f.ill(1+i, 1, time.Hour, func(*policy.Revision) {})
		}
		f.until(test.waits)
		f.release(0, f.now, 3)
		if _, held := f.held["d-0"]; held != test.held {
			t.Errorf("held %v while pods of others have been starting for %s, want %v", held, test.waits, test.held)
		}
	}
}
