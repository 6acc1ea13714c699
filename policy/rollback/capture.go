package rollback

import (
	"context"
	"sync"
	"time"

	"github.com/undog-dev/undog/policy"
)

// captureWithin is how long an undo waits for what it will take away. A log is
// there within tens of milliseconds or, with a kubelet that hangs, not at all, and
// whoever is served by a bad revision should not wait for its epitaph.
const captureWithin = 500 * time.Millisecond

// captureGrace is how much longer it waits for a Capture that was stopped to say
// what it has. One that does not come back even then is left behind.
const captureGrace = 100 * time.Millisecond

// capture begins to read what the undo will take away, beside the other reads.
// The function waits for it, and may be called again. What is only told or paused
// is read as well: people replace it before undog's next look.
func (e *Executor) capture(ctx context.Context, d policy.Decision) func() []policy.Captured {
	if e.opts.Capture == nil || !convicts(d) || len(d.Record.Captured) > 0 || !e.opts.MayAct() {
		return func() []policy.Captured { return d.Record.Captured }
	}
	waiting, leave := context.WithTimeout(ctx, captureWithin+captureGrace)
	reading, stop := context.WithTimeout(waiting, captureWithin)
	seen := make(chan []policy.Captured, 1)
	go func() { // It should end with its context; nothing waits for it if it does not.
		defer leave()
		defer stop()
		seen <- e.opts.Capture(reading, d)
	}()
	return sync.OnceValue(func() []policy.Captured {
		select {
		case found := <-seen:
			return found
		case <-waiting.Done():
		}
		select {
		case found := <-seen: // It came back just now.
			return found
		default:
			return nil
		}
	})
}

// convicts tells whether a decision is about a revision that is found bad now, and
// not about what became of an old conviction.
func convicts(d policy.Decision) bool {
	rec := d.Record
	switch d.Kind {
	case policy.Undo, policy.Pause, policy.Remember:
		return rec.Verdict == policy.Bad && rec.Contested == nil && rec.Withdrawn == nil
	case policy.Compare, policy.Resume, policy.Tidy, policy.Play:
	}
	return false
}
