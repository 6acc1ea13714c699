package app

import (
	"context"
	"sync"
	"time"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/runner"
)

// player plays checks.
type player interface {
	Play(ctx context.Context, d policy.Decision) policy.CheckResult
}

// checks plays checks beside the loop and beside the writes, which neither wait
// for plays nor keep them waiting. Workloads take turns, so that one with many
// checks, or with pods that do not answer, does not keep the others waiting.
type checks struct {
	player player
	// told is called with every result, and how long it took from the decision.
	told func(policy.CheckResult, time.Duration)
	// results has one for each decision; it is never closed.
	results chan policy.Input
	ctx     context.Context //nolint:containedctx // It ends the plays, which nobody waits for.

	mu sync.Mutex
	// waiting holds what was decided, by workload, and turns the workloads that
	// have something waiting, in the order of their turns.
	waiting map[string][]waitingPlay
	turns   []string
	depth   int
	// playing counts the plays under way, by workload and in all.
	playing map[string]int
	all     int
	// began is since when each of them is.
	began   map[*waitingPlay]time.Time
	running sync.WaitGroup
}

// waitingPlay is a decision and when it was made.
type waitingPlay struct {
	decision policy.Decision
	since    time.Time
}

const (
	// maxPlays is how many checks are played at the same time, and
	// maxPlaysEach how many of them on one workload.
	maxPlays     = 16
	maxPlaysEach = 4
	// maxWaitingPlays is how many may wait, and waitsAtMost how long one may:
	// what is old by then is decided again.
	maxWaitingPlays = 4096
	waitsAtMost     = 30 * time.Second
)

// newChecks plays until ctx ends; then it gives everything up.
func newChecks(ctx context.Context, p player, told func(policy.CheckResult, time.Duration)) *checks {
	return &checks{
		player: p, told: told, results: make(chan policy.Input, 64), ctx: ctx,
		waiting: map[string][]waitingPlay{}, playing: map[string]int{}, began: map[*waitingPlay]time.Time{},
	}
}

// do queues a decision; it never blocks.
func (c *checks) do(d policy.Decision) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx.Err() != nil {
		return
	}
	w := waitingPlay{d, time.Now()}
	if c.depth >= maxWaitingPlays {
		c.running.Go(func() { c.answer(w, runner.Unplayed(d, check.ReasonBusy, "too many checks wait already")) })
		return
	}
	uid := d.Workload.UID
	if len(c.waiting[uid]) == 0 {
		c.turns = append(c.turns, uid)
	}
	c.waiting[uid] = append(c.waiting[uid], w)
	c.depth++
	c.next()
}

// next begins what may begin. It is called under the lock.
func (c *checks) next() {
	for i := 0; i < len(c.turns) && c.all < maxPlays; {
		uid := c.turns[i]
		if c.playing[uid] >= maxPlaysEach {
			i++
			continue
		}
		w := c.waiting[uid][0]
		c.depth--
		// The workload goes to the end of the line, if it has more.
		c.turns = append(c.turns[:i], c.turns[i+1:]...)
		if c.waiting[uid] = c.waiting[uid][1:]; len(c.waiting[uid]) > 0 {
			c.turns = append(c.turns, uid)
		} else {
			delete(c.waiting, uid)
		}
		c.playing[uid]++
		c.all++
		c.began[&w] = time.Now()
		c.running.Go(func() { c.play(&w) })
	}
}

// play plays one and lets the next begin.
func (c *checks) play(w *waitingPlay) {
	uid := w.decision.Workload.UID
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.playing[uid]--; c.playing[uid] == 0 {
			delete(c.playing, uid)
		}
		c.all--
		delete(c.began, w)
		if c.ctx.Err() == nil {
			c.next()
		}
	}()
	if time.Since(w.since) > waitsAtMost {
		c.answer(*w, runner.Unplayed(w.decision, check.ReasonBusy, "the check waited too long for others to end"))
		return
	}
	r := c.player.Play(c.ctx, w.decision)
	c.ended(w)
	c.answer(*w, r)
}

// answer hands a result to the loop, unless that has ended.
func (c *checks) answer(w waitingPlay, r policy.CheckResult) {
	c.told(r, time.Since(w.since))
	select {
	case c.results <- r:
	case <-c.ctx.Done():
	}
}

// wait returns when nothing is played any more; its context has ended before.
func (c *checks) wait() { c.running.Wait() }

// load counts the plays that wait and those under way.
func (c *checks) load() (waiting, playing int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.depth, c.all
}

// ended notes that nothing is asked of pods any more for a play.
func (c *checks) ended(w *waitingPlay) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.began, w)
}

// oldest is when the oldest of the plays under way was begun, zero without any.
func (c *checks) oldest() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return earliest(c.began)
}
