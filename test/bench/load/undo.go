package load

import (
	"context"
	"errors"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/undog-dev/undog/test/bench/fleet"
	"github.com/undog-dev/undog/test/bench/wire"
)

// Control does what the controllers do with Deployments that clients change,
// until ctx ends.
func (w *World) Control(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case l := <-w.undone:
			w.restore(l)
		}
	}
}

// errSame says that nothing is to be written.
var errSame = errors.New("nothing to change")

// restore takes a bad release away if the Deployment was set back.
func (w *World) restore(l *workload) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.release
	if r == nil {
		return
	}
	now := time.Now()
	bad := r.rs.Spec.Template.Spec.Containers[0].Image
	good := l.ReplicaSet(l.revision, l.Replicas, 0)
	number := strconv.Itoa(l.revision + 2)
	err := w.server.Deployments.Edit(l.Namespace, l.Name, func(o wire.Object) error {
		d := o.(*appsv1.Deployment)
		if d.Spec.Template.Spec.Containers[0].Image == bad {
			return errSame
		}
		d.Annotations[annotationRevision] = number
		l.Complete(d, now.Unix())
		return nil
	})
	if errors.Is(err, errSame) {
		return
	}
	w.failed(err)
	l.busy, l.release = false, nil
	w.failed(w.server.ReplicaSets.Edit(l.Namespace, good.Name, func(o wire.Object) error {
		o.(*appsv1.ReplicaSet).Annotations[annotationRevision] = number
		return nil
	}))
	for _, p := range r.pods {
		p.Stage, p.Turned = fleet.Terminating, now.Unix()
		w.put(r.set, p, nil)
		w.failed(w.server.Pods.Delete(r.set.Object(p)))
	}
	w.failed(w.server.ReplicaSets.Edit(l.Namespace, r.rs.Name, func(o wire.Object) error {
		rs := o.(*appsv1.ReplicaSet)
		rs.Generation++
		rs.Spec.Replicas = new(int32(0))
		rs.Status = appsv1.ReplicaSetStatus{ObservedGeneration: rs.Generation}
		return nil
	}))
}
