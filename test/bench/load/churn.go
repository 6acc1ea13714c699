package load

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/undog-dev/undog/test/bench/fleet"
	"github.com/undog-dev/undog/test/bench/wire"
)

const (
	// beat is how often events are sent.
	beat = 10 * time.Millisecond
	// underWay bounds how many pods are being replaced at the same time, and lasts
	// is how long each takes, in seconds.
	underWay, lasts = 200, 2
	// picks is how often a workload is chosen at random that has a pod to replace.
	picks = 100
)

// steps is how many pod events a replacement is, and beside how many changes of
// its owners' statuses come with them.
const steps, beside = 6, 4

// Events is how many events there are a second, those of owners included, where so
// many of pods come of replacements.
func Events(ofPods int) int { return ofPods * (steps + beside) / steps }

// replacement is a pod that goes and the one that takes its place.
type replacement struct {
	of       *workload
	old, new *fleet.Pod
	step     int
}

// Churn replaces pods until ctx ends, with so many pod events a second: each
// replacement is six of them, and four changes of statuses beside.
func (w *World) Churn(ctx context.Context, perSecond int) { w.churn(ctx, perSecond, w.well) }

// ChurnLargest does so with pods of the largest Deployment alone.
func (w *World) ChurnLargest(ctx context.Context, perSecond int) {
	w.churn(ctx, perSecond, []*workload{w.largest})
}

func (w *World) churn(ctx context.Context, perSecond int, of []*workload) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	list := make([]*replacement, 0, min(underWay, 1+perSecond*lasts/steps))
	began, sent := time.Now(), 0
	for next := 0; ; {
		select {
		case <-ctx.Done():
			for _, r := range list {
				for r != nil && !w.advance(r) {
				}
			}
			return
		case <-ticker.C:
		}
		for due := int(time.Since(began).Seconds() * float64(perSecond)); sent < due; sent++ {
			if len(list) < cap(list) {
				list = append(list, nil)
			}
			next = (next + 1) % len(list)
			if list[next] == nil {
				list[next] = w.replace(of)
			}
			if list[next] != nil && w.advance(list[next]) {
				list[next] = nil
			}
		}
	}
}

// replace chooses a pod that is to go, nil if none is found.
func (w *World) replace(from []*workload) *replacement {
	for range picks {
		l := w.pick(from)
		l.mu.Lock()
		if l.busy || len(l.pods) == 0 {
			l.mu.Unlock()
			continue
		}
		// The pod is nobody else's until the new one is ready.
		old := l.pods[0]
		l.pods = l.pods[1:]
		l.mu.Unlock()
		return &replacement{of: l, old: old}
	}
	return nil
}

// advance sends the next pod event of a replacement, and tells whether it was
// the last.
func (w *World) advance(r *replacement) (done bool) {
	l, now := r.of, time.Now().Unix()
	l.mu.Lock()
	defer l.mu.Unlock()
	set := w.makes(l)
	r.step++
	switch r.step {
	case 1:
		r.old.Stage, r.old.Turned = fleet.Terminating, now
		w.put(set, r.old, nil)
		w.status(l, -1)
	case 2:
		r.new = w.newPod(now, fleet.Pending)
		w.put(set, r.new, nil)
	case 3:
		r.new.Stage = fleet.Scheduled
		w.put(set, r.new, nil)
	case 4:
		r.new.Stage, r.new.Started, r.new.Turned = fleet.Running, now, now
		w.put(set, r.new, nil)
	case 5:
		w.failed(w.server.Pods.Delete(set.Object(r.old)))
	default:
		r.new.Stage, r.new.Turned = fleet.Ready, now
		w.put(set, r.new, nil)
		w.status(l, 0)
		l.pods = append(l.pods, r.new)
		w.mu.Lock()
		w.replaced++
		w.mu.Unlock()
		return true
	}
	return false
}

// status tells that some pods of a workload are not ready, or all are.
func (w *World) status(l *workload, missing int32) {
	if l.busy {
		return // Its numbers are the release's to tell.
	}
	rs := l.ReplicaSet(l.revision, l.Replicas, 0)
	w.failed(w.server.ReplicaSets.Edit(l.Namespace, rs.Name, func(o wire.Object) error {
		s := &o.(*appsv1.ReplicaSet).Status
		s.ReadyReplicas, s.AvailableReplicas = l.Replicas+missing, l.Replicas+missing
		return nil
	}))
	w.failed(w.server.Deployments.Edit(l.Namespace, l.Name, func(o wire.Object) error {
		s := &o.(*appsv1.Deployment).Status
		s.ReadyReplicas, s.AvailableReplicas, s.UnavailableReplicas = l.Replicas+missing, l.Replicas+missing, -missing
		return nil
	}))
}
