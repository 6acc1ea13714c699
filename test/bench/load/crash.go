package load

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/undog-dev/undog/test/bench/fleet"
)

const (
	// longestWait is the longest time that the kubelet waits before it starts a
	// container again, in seconds.
	longestWait = 300
	// attempt is how long a container that crashes runs, in seconds.
	attempt = 10
)

// crashing is a pod that crashes.
type crashing struct {
	of  *workload
	pod *fleet.Pod
}

// crashers chooses the Deployments with pods that crash: how many do, by index.
func crashers(shape fleet.Shape, all []*fleet.Deployment, random *rand.Rand) map[int]int32 {
	out := map[int]int32{}
	if shape.Crashing == 0 {
		return out
	}
	left := int32(shape.Crashing) //nolint:gosec // fewer than all pods
	for n, i := range random.Perm(len(all)) {
		d := all[i]
		if left == 0 {
			break
		}
		if shape.Largest > 0 && i == len(all)-1 {
			continue
		}
		out[i] = 1
		if n%2 == 0 {
			out[i] = min(d.Replicas, left)
		}
		left -= out[i]
	}
	return out
}

// crashes makes a pod one that has been crashing ever since.
func (w *World) crashes(l *workload, p *fleet.Pod, now int64) {
	p.Stage, p.Ended = fleet.BackOff, now-w.random.Int64N(longestWait)
	p.Tried, p.Restarts = p.Ended-attempt, int32((p.Ended-p.Created)/(longestWait+attempt)) //nolint:gosec // small
	l.crashing++
	w.crashing = append(w.crashing, &crashing{of: l, pod: p})
}

// CrashLoop has the pods that crash do so in turn until ctx ends, with so many pod
// events a second: an app is started again, ends, and is waited with.
func (w *World) CrashLoop(ctx context.Context, perSecond int) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	began, sent := time.Now(), 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for due := int(time.Since(began).Seconds() * float64(perSecond)); sent < due; sent++ {
			w.crash(w.crashing[sent%len(w.crashing)])
		}
	}
}

// crash sends the next pod event of a pod that crashes.
func (w *World) crash(c *crashing) {
	l, p, now := c.of, c.pod, time.Now().Unix()
	l.mu.Lock()
	defer l.mu.Unlock()
	switch p.Stage {
	case fleet.BackOff:
		p.Stage, p.Tried = fleet.Running, now
		p.Restarts++
	case fleet.Running:
		p.Stage, p.Ended = fleet.Crashed, now
	default:
		p.Stage = fleet.BackOff
	}
	w.put(w.makes(l), p, nil)
}
