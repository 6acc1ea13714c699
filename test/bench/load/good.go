package load

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/undog-dev/undog/test/bench/fleet"
	"github.com/undog-dev/undog/test/bench/wire"
)

// ReleaseGood releases something that does well to n Deployments at once. It ends
// when all of them are complete.
func (w *World) ReleaseGood(ctx context.Context, n int) {
	ticker := time.NewTicker(between)
	defer ticker.Stop()
	list := make([]*good, 0, n)
	for range n {
		l := w.next()
		if l == nil {
			w.failed(fmt.Errorf("release to %d Deployments: only %d are left that had none", n, len(list)))
			return
		}
		list = append(list, w.beginGood(l))
	}
	select {
	case <-ctx.Done():
		return
	case <-ticker.C:
	}
	for _, g := range list {
		w.complete(g)
	}
}

// good is a release that does well.
type good struct {
	of  *workload
	rs  *appsv1.ReplicaSet
	set *fleet.Set
	new []*fleet.Pod
}

// beginGood changes the Deployment, and brings all of the new pods at once.
func (w *World) beginGood(l *workload) *good {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.busy = true
	g := &good{of: l, rs: l.ReplicaSet(l.revision+1, l.Replicas, now.Unix())}
	g.rs.Status = appsv1.ReplicaSetStatus{ObservedGeneration: 1, Replicas: l.Replicas, FullyLabeledReplicas: l.Replicas}
	g.set = fleet.NewSet(g.rs)
	w.announce(l, g.rs, l.revision+1, now)
	for range l.Replicas {
		p := w.newPod(now.Unix(), fleet.Pending)
		p.Started, p.Turned = now.Unix(), now.Unix()
		for _, stage := range []fleet.Stage{fleet.Pending, fleet.Scheduled, fleet.Running} {
			p.Stage = stage
			w.put(g.set, p, nil)
		}
		g.new = append(g.new, p)
	}
	return g
}

// complete makes the new pods ready, and removes the old ones.
func (w *World) complete(g *good) {
	l, now := g.of, time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range g.new {
		p.Stage, p.Turned = fleet.Ready, now.Unix()
		w.put(g.set, p, nil)
	}
	old, before := w.makes(l), l.ReplicaSet(l.revision, l.Replicas, 0)
	for _, p := range l.pods {
		p.Stage, p.Turned = fleet.Terminating, now.Unix()
		w.put(old, p, nil)
		w.failed(w.server.Pods.Delete(old.Object(p)))
	}
	w.failed(w.server.ReplicaSets.Edit(l.Namespace, before.Name, func(o wire.Object) error {
		rs := o.(*appsv1.ReplicaSet)
		rs.Generation++
		rs.Spec.Replicas = new(int32(0))
		rs.Status = appsv1.ReplicaSetStatus{ObservedGeneration: rs.Generation}
		return nil
	}))
	w.failed(w.server.ReplicaSets.Edit(l.Namespace, g.rs.Name, func(o wire.Object) error {
		s := &o.(*appsv1.ReplicaSet).Status
		s.ReadyReplicas, s.AvailableReplicas = l.Replicas, l.Replicas
		return nil
	}))
	w.failed(w.server.Deployments.Edit(l.Namespace, l.Name, func(o wire.Object) error {
		l.Complete(o.(*appsv1.Deployment), now.Unix())
		return nil
	}))
	l.pods, l.set, l.busy = g.new, g.set, false
	l.revision++
}
