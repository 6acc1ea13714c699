package sim

import (
	"context"
	"iter"

	"github.com/undog-dev/undog/policy"
)

// action is a decision that is being carried out. It runs as a coroutine: it
// stops before and after every request, and goes on when the simulation says so.
type action struct {
	undog    *undog
	decision policy.Decision
	result   policy.Input
	// about is what the next request will be.
	about string

	readUID        string
	readGeneration int64

	yield func() bool
	dead  bool
	next  func() bool
	stop  func()
}

type actionKey struct{}

// start prepares an action; nothing happens before next is called.
func (u *undog) start(d policy.Decision) *action {
	a := &action{undog: u, decision: d}
	next, stop := iter.Pull(func(yield func(struct{}) bool) {
		a.yield = func() bool { return yield(struct{}{}) }
		ctx := context.WithValue(context.Background(), actionKey{}, a)
		if d.Kind == policy.Compare {
			a.result = u.executor.Compare(ctx, d)
		} else {
			a.result = u.executor.Do(ctx, d)
		}
	})
	a.next = func() bool {
		_, more := next()
		return more
	}
	a.stop = stop
	return a
}

// pause lets everything else go on, and tells whether the undog still lives then.
func (a *action) pause(about string) bool {
	a.about = about
	if !a.dead && !a.yield() {
		a.dead = true
	}
	return !a.dead
}
