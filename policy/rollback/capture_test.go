package rollback

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/undog-dev/undog/policy"
)

var convicted = policy.Decision{Kind: policy.Undo, Record: policy.Record{Verdict: policy.Bad}}

func capturing(capture func(context.Context, policy.Decision) []policy.Captured) *Executor {
	return &Executor{opts: Options{MayAct: func() bool { return true }, Capture: capture}}
}

// An undo goes on without a Capture that does not end with its context. Were it
// waited for, nothing in the bubble could go on, and the test would fail.
func TestCaptureThatNeverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		defer close(end)
		wait := capturing(func(context.Context, policy.Decision) []policy.Captured {
			<-end
			return []policy.Captured{{Pod: "late"}}
		}).capture(t.Context(), convicted)
		if got := wait(); got != nil {
			t.Errorf("got %+v of a Capture that never ended", got)
		}
		if got := wait(); got != nil {
			t.Errorf("asked again, got %+v", got)
		}
	})
}

// What a Capture has when its time is over still counts.
func TestCaptureThatIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := capturing(func(ctx context.Context, _ policy.Decision) []policy.Captured {
			<-ctx.Done()
			return []policy.Captured{{Pod: "web-1"}}
		}).capture(t.Context(), convicted)
		for range 2 {
			if got := wait(); len(got) != 1 || got[0].Pod != "web-1" {
				t.Errorf("got %+v", got)
			}
		}
	})
}

// An undo that is given up waits for nothing.
func TestCaptureGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		defer close(end)
		ctx, cancel := context.WithCancel(t.Context())
		wait := capturing(func(context.Context, policy.Decision) []policy.Captured {
			<-end
			return nil
		}).capture(ctx, convicted)
		cancel()
		if got := wait(); got != nil {
			t.Errorf("got %+v", got)
		}
	})
}
