package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/undog-dev/undog/policy"
)

// observer is where observations come from.
type observer interface {
	// Changed signals that Take has something to give; it may signal too often.
	Changed() <-chan struct{}
	// Take returns what changed since the last call, at most limit inputs.
	Take(at time.Time, limit int) []policy.Input
}

// loop owns the engine. Everything that touches it runs in the goroutine of run.
type loop struct {
	engine  *policy.Engine
	source  observer
	actions *actions
	// checks plays checks; it may be nil where none are configured.
	checks *checks
	// publish hands transitions to the outbox; it must not block.
	publish func(...policy.Transition)
	metrics *metrics
	log     *slog.Logger
	// alive is told that the loop came round.
	alive func(time.Time)
	// heard is when the evidence on a workload came in; it may be nil.
	heard func(uid string) time.Time
	// lost is since when what the source sees may be old; it may be nil.
	lost func(time.Time) time.Time
	// contact is what the engine was last told of that.
	contact time.Time
	// asked holds questions to the engine, which change nothing; it may be nil.
	asked <-chan func(*policy.Engine)
	// reports holds verdicts from outside; it may be nil.
	reports <-chan *report
	// changes holds other settings; it may be nil.
	changes <-chan policy.Input
	lead    leading
}

// batch is how many inputs are taken at once, so that outcomes and wake-ups
// are not kept waiting by a storm of changes.
const batch = 256

// heartbeat is the longest that the loop sleeps without showing that it lives.
const heartbeat = 5 * time.Second

// run steps the engine until ctx ends. Then it waits for the writes that are
// under way, until stop ends as well, so that what was done is also told.
func (l *loop) run(ctx, stop context.Context) {
	timer := time.NewTimer(heartbeat)
	defer timer.Stop()
	var played <-chan policy.Input
	if l.checks != nil {
		played = l.checks.results
	}
	var wakeAt time.Time
	l.standBy(time.Now())
	for ctx.Err() == nil {
		l.alive(time.Now())
		wakeAt = l.checkLead(time.Now(), wakeAt)
		wakeAt = l.checkContact(time.Now(), wakeAt)
		timer.Reset(untilWake(wakeAt))
		select {
		case <-ctx.Done():
		case <-l.lead.changed:
		case <-l.source.Changed():
			wakeAt = l.take(wakeAt)
		case in := <-l.actions.results:
			wakeAt = l.step(in).WakeAt
		case in := <-played:
			wakeAt = l.step(in).WakeAt
		case r := <-l.reports:
			wakeAt = l.reported(r, wakeAt)
		case in := <-l.changes:
			wakeAt = l.step(in).WakeAt
		case question := <-l.asked:
			question(l.engine)
		case <-timer.C:
			if !wakeAt.IsZero() && !time.Now().Before(wakeAt) {
				wakeAt = l.step(policy.Wake{At: time.Now()}).WakeAt
			}
		}
	}
	l.finish(stop)
}

// take steps through one batch of what changed.
func (l *loop) take(wakeAt time.Time) time.Time {
	for _, in := range l.source.Take(time.Now(), batch) {
		wakeAt = l.step(in).WakeAt
	}
	return wakeAt
}

// step feeds one input and passes on what follows.
func (l *loop) step(in policy.Input) policy.Ready {
	began := time.Now()
	if c, ok := in.(policy.Comparison); ok && c.Err != "" {
		l.log.Warn("cannot tell what changed between two revisions", "namespace", c.Workload.Namespace,
			"deployment", c.Workload.Name, "err", c.Err)
	}
	ready := l.engine.Step(in)
	l.metrics.stepped(in, ready, time.Since(began))
	l.metrics.workloads.Set(float64(l.engine.Len()))
	l.metrics.braked.Set(0)
	if l.engine.Braked() {
		l.metrics.braked.Set(1)
	}
	l.tell(in, ready.Transitions)
	for _, d := range ready.Decisions {
		if l.heard != nil {
			l.metrics.reacts(d, l.heard(d.Workload.UID))
		}
		switch {
		case d.Kind != policy.Play:
			l.actions.do(d)
		case l.checks != nil:
			l.checks.do(d)
		}
	}
	return ready
}

// finish takes the outcomes of the writes under way, and decides nothing more.
func (l *loop) finish(stop context.Context) {
	l.actions.close()
	for {
		select {
		case in, open := <-l.actions.results:
			if !open {
				return
			}
			l.tell(in, l.engine.Step(in).Transitions)
		case <-stop.Done():
			l.log.Warn("stopped before every write had ended; the next start finds what they did")
			return
		}
	}
}

// report logs a transition: one line each, here and nowhere else. What another
// undog acts on is that one's to log; here it is a detail.
func (l *loop) report(t policy.Transition) {
	level := slog.LevelInfo
	switch t.Kind {
	case policy.VerdictBad, policy.RollbackDone, policy.RollbackRefused, policy.RollbackContested, policy.RolloutHalted,
		policy.RolloutHeld, policy.RollbackWouldHave, policy.VerdictWithdrawn, policy.BrakeEngaged, policy.BrakeReleased,
		policy.LeaderLost:
		level = slog.LevelWarn
	case policy.ConfigReloaded, policy.ConfigRejected:
		return // Who read the file has said so, also where it is not told.
	case policy.RolloutStarted, policy.RolloutSuspect, policy.RolloutCleared, policy.RolloutRecovered,
		policy.VerdictGood, policy.RolloutPaused, policy.RolloutResumed, policy.CheckInconclusive, policy.CheckDiffers,
		policy.LeaderElected:
	}
	args := []any{
		"namespace", t.Workload.Namespace, "deployment", t.Workload.Name, "revision", t.Revision.Number,
		"phase", string(t.To), "reason", t.Reason, "message", t.Message,
	}
	if l.lead.last != nil && !l.lead.leads && t.Kind != policy.LeaderLost {
		level = slog.LevelDebug
	}
	l.log.Log(context.Background(), level, string(t.Kind), append(args, shown(t)...)...)
}

// untilWake is how long to sleep, at most a heartbeat.
func untilWake(wakeAt time.Time) time.Duration {
	if wakeAt.IsZero() {
		return heartbeat
	}
	return min(max(time.Until(wakeAt), 0), heartbeat)
}
