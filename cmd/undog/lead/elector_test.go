package lead

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// run starts an Elector on a way to the store and returns what ends it.
func run(t *testing.T, c *client, identity string) (e *Elector, stop func()) {
	t.Helper()
	e, err := New(Options{
		Leases: c, Name: "undog", Identity: identity, Log: slog.New(slog.DiscardHandler),
		LeaseDuration: 15 * time.Second, RenewDeadline: 10 * time.Second, RetryPeriod: 2 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		e.Run(ctx)
		close(done)
	}()
	return e, func() {
		cancel()
		<-done
	}
}

// pass lets time pass and calls look every tenth of a second.
func pass(d time.Duration, look func()) {
	for ; d > 0; d -= 100 * time.Millisecond {
		<-time.After(100 * time.Millisecond)
		synctest.Wait()
		look()
	}
}

func wantLast(t *testing.T, e *Elector, leads bool, reason, other string) {
	t.Helper()
	if c := e.Last(); c.Leads != leads || c.Reason != reason || c.Other != other || e.Leads() != leads {
		t.Errorf("last change is %+v, want leads %v for %s of %q", c, leads, reason, other)
	}
}

// Whoever stands by takes over in the instant in which the Lease is given back.
func TestHandOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		a, stopA := run(t, &client{store: s}, "a")
		synctest.Wait()
		b, stopB := run(t, &client{store: s}, "b")
		defer stopB()
		pass(time.Minute, func() {
			if !a.Leads() || b.Leads() {
				t.Fatal("the first does not lead alone")
			}
		})
		wantLast(t, a, true, First, "")
		wantLast(t, b, false, Starting, "")
		if holder := b.Holder(); holder != "a" {
			t.Errorf("who stands by sees %q lead", holder)
		}
		stopA()
		synctest.Wait()
		wantLast(t, a, false, Stopping, "")
		wantLast(t, b, true, HandedOver, "")
	})
}

// Without the right to watch it takes as long as it takes to look again.
func TestHandOverUnwatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		_, stopA := run(t, &client{store: s}, "a")
		synctest.Wait()
		b, stopB := run(t, &client{store: s, noWatch: true}, "b")
		defer stopB()
		pass(time.Minute, func() {})
		stopA()
		pass(2100*time.Millisecond, func() {})
		wantLast(t, b, true, HandedOver, "")
	})
}

// A leader that is stuck in a request stops acting by its clock alone, before
// another begins to act.
func TestCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ever := newStore(), make(chan struct{})
		way := &client{store: s}
		a, stopA := run(t, way, "a")
		pass(time.Minute, func() {})
		during, cancel, ok := a.During(t.Context())
		if !ok {
			t.Fatal("there is no term")
		}
		defer cancel()
		b, stopB := run(t, &client{store: s}, "b")
		defer stopB()
		synctest.Wait()
		way.lies(cut(ever))
		lost := false
		pass(15*time.Second, func() {
			if a.Leads() && b.Leads() {
				t.Fatal("both lead")
			}
			if !a.Leads() {
				lost = true
				if during.Err() == nil {
					t.Fatal("what was to end with the term goes on")
				}
			}
			if b.Leads() && !lost {
				t.Fatal("the second leads while the first does")
			}
		})
		wantLast(t, a, false, NotRenewed, "")
		pass(2*time.Second, func() {})
		wantLast(t, b, true, Expired, "a")
		if _, _, ok := a.During(t.Context()); ok {
			t.Error("there is a term for one who does not lead")
		}
		close(ever)
		way.lies(nil)
		pass(time.Minute, func() {
			if a.Leads() || !b.Leads() {
				t.Fatal("the second does not lead alone")
			}
		})
		stopA()
	})
}

// A Lease that was not renewed in time, and that nobody has taken meanwhile, is
// taken again by who has it: in a new term.
func TestRegained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		way := &client{store: s}
		a, stop := run(t, way, "a")
		defer stop()
		pass(time.Minute, func() {})
		before := a.Last()
		way.lies(func(context.Context, string, bool) error { return fmt.Errorf("connection refused") })
		pass(time.Minute, func() {})
		wantLast(t, a, false, NotRenewed, "")
		way.lies(nil)
		pass(3*time.Second, func() {})
		wantLast(t, a, true, Regained, "a")
		if now := a.Last(); now.Term != before.Term+1 || a.Changes() != 3 {
			t.Errorf("term is %d after %d, with %d changes", now.Term, before.Term, a.Changes())
		}
	})
}

// A renewal whose answer was lost is no loss; a Lease that somebody deleted is
// made again; one that somebody took is lost.
func TestMeddling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		way := &client{store: s}
		a, stop := run(t, way, "a")
		defer stop()
		pass(time.Minute, func() {})
		once := true
		way.lies(func(_ context.Context, verb string, after bool) error {
			if verb == "update" && after && once {
				once = false
				return fmt.Errorf("connection reset")
			}
			return nil
		})
		leads := func() {
			if !a.Leads() {
				t.Fatalf("does not lead any more: %+v", a.Last())
			}
		}
		pass(time.Minute, leads)
		s.remove()
		pass(time.Minute, leads)
		s.seize("somebody")
		pass(3*time.Second, func() {})
		wantLast(t, a, false, Taken, "somebody")
		pass(30*time.Second, func() {})
		wantLast(t, a, true, Expired, "somebody")
	})
}

// What keeps an undog from the Lease is told from the first failure until it is
// over; that somebody else has the Lease, or that it cannot be watched, is none.
func TestTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		wayA, wayB := &client{store: s}, &client{store: s, noWatch: true}
		a, stopA := run(t, wayA, "a")
		pass(time.Second, func() {})
		b, stopB := run(t, wayB, "b")
		defer stopB()
		none := func(e *Elector) func() {
			return func() {
				if got := e.Trouble(); got != (Trouble{}) {
					t.Fatalf("trouble is %+v, want none", got)
				}
			}
		}
		pass(time.Minute, none(a))
		pass(time.Minute, none(b))
		// The rights to read the Lease and to write it are taken away.
		wayA.lies(func(_ context.Context, verb string, _ bool) error {
			return apierrors.NewForbidden(resource, "undog", fmt.Errorf("user hunter2 may not %s", verb))
		})
		pass(5*time.Second, func() {})
		first := a.Trouble()
		if first.What != "renew" || first.Reason != "Forbidden" || first.Since.After(time.Now().Add(-2*time.Second)) {
			t.Errorf("trouble of the leader is %+v", first)
		}
		pass(30*time.Second, func() {})
		if got := a.Trouble(); got != (Trouble{Since: first.Since, What: "take", Reason: "Forbidden"}) {
			t.Errorf("trouble of who led is %+v, want since %v", got, first.Since)
		}
		none(b)()
		if !b.Leads() {
			t.Error("the other does not lead")
		}
		wayA.lies(func(context.Context, string, bool) error {
			return fmt.Errorf("dial https://admin:hunter2@10.0.0.1: refused")
		})
		pass(5*time.Second, func() {})
		if got := a.Trouble(); got.Reason != "the API server cannot be reached; the log has more" {
			t.Errorf("trouble is %+v", got)
		}
		wayA.lies(nil)
		pass(5*time.Second, func() {})
		none(a)()
		stopA()
	})
}

// Whatever becomes of requests and answers, there is one leader at a time, and
// most of the time there is one.
func TestOneLeader(t *testing.T) {
	for seed := range uint64(10) {
		synctest.Test(t, func(t *testing.T) {
			s := newStore()
			var all []*Elector
			for i := range 3 {
				e, stop := run(t, &client{store: s, way: weather(rand.New(rand.NewPCG(seed, uint64(i))))}, string(rune('a'+i)))
				defer stop()
				all = append(all, e)
			}
			led, looks := 0, 0
			pass(10*time.Minute, func() {
				var now []string
				for i, e := range all {
					if e.Leads() {
						now = append(now, string(rune('a'+i)))
					}
				}
				if len(now) > 1 {
					t.Fatalf("seed %d: %s lead at the same time", seed, strings.Join(now, " and "))
				}
				led += len(now)
				looks++
			})
			if led < looks/2 {
				t.Errorf("seed %d: there was a leader at %d of %d looks only", seed, led, looks)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	_, err := New(Options{LeaseDuration: 1500 * time.Millisecond, RenewDeadline: 2 * time.Second})
	if err == nil {
		t.Fatal("New takes nothing at all")
	}
	for _, want := range []string{"Leases is empty", "Name is empty", "Identity is empty", "LeaseDuration is 1.5s"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error is %q, want it to say %q", err, want)
		}
	}
	one, err := Identity()
	if err != nil {
		t.Fatal(err)
	}
	if two, _ := Identity(); one == two {
		t.Errorf("two processes are both called %s", one)
	}
}
