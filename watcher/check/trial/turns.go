package trial

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"sync"

	"github.com/undog-dev/undog/watcher/check/play"
)

// playAll plays on all targets: at once if nobody in particular plays, and one
// right after the other if somebody does. Two sessions of one user get in each
// other's way: a login may end the one before, or be one too many. Who plays at
// once with others would then win or lose by how fast its pod is, which is no
// luck. So they take turns, in another order each time.
func playAll(ctx context.Context, p *play.Player, persona play.Persona, targets []play.Target) []play.Play {
	plays := make([]play.Play, len(targets))
	if p.Persona() != "" {
		for _, i := range order(p, targets) {
			plays[i] = p.Play(ctx, targets[i], persona)
		}
		return plays
	}
	var wg sync.WaitGroup
	for i, target := range targets {
		wg.Go(func() { plays[i] = p.Play(ctx, target, persona) })
	}
	wg.Wait()
	return plays
}

// order is drawn from the time and the pod that is judged, so that a simulation
// that repeats both repeats the order as well.
func order(p *play.Player, targets []play.Target) []int {
	h := fnv.New64a()
	_, _ = h.Write([]byte(p.Persona() + "\x00" + targets[0].Pod))
	return rand.New(rand.NewPCG(h.Sum64(), uint64(targets[0].Now().UnixNano()))).Perm(len(targets)) //nolint:gosec // Nobody gains by guessing it.
}

// MaxTurns is how many plays of a trial are played one after the other at most.
const MaxTurns = 3
