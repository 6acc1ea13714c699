package load

import (
	"context"
	"fmt"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/bench/fleet"
	"github.com/undog-dev/undog/test/bench/wire"
)

const (
	// reports is how many pods of a bad release report that they cannot be started
	// before nothing is left to be said against it.
	reports = 2
	// between is the time between two reports.
	between = 2 * time.Second
	// annotationRevision is the Deployment controller's.
	annotationRevision = "deployment.kubernetes.io/revision"
)

// Rollout is a bad release, and what came of it. Times are zero until then.
type Rollout struct {
	Namespace, Name string
	// As is what the release was begun as.
	As string `json:",omitempty"`
	// Replicas is the Deployment's size, Pods how many the release brought.
	Replicas int32
	Pods     int
	// Began is when the Deployment was changed, Report the number of the last one
	// that was told, and Evidence when the frame that told of it was written; it
	// stays zero where that was learnt from a list.
	Began    time.Time
	Report   int
	Evidence time.Time
	// Asked is when the first request about it came after that, and Patched when
	// the one did that set the Deployment back.
	Asked, Patched time.Time

	pods []*fleet.Pod
	set  *fleet.Set
	rs   *appsv1.ReplicaSet
}

// Release releases something bad n times, each time to another Deployment, one
// every so often: all at once if that is 0. It ends when all that speaks against
// them was told. as tells them from others that are under way.
func (w *World) Release(ctx context.Context, as string, n int, every time.Duration) {
	ticker := time.NewTicker(max(every, time.Millisecond))
	defer ticker.Stop()
	done := make(chan struct{}, n)
	started := 0
	for ; started < n && ctx.Err() == nil; started++ {
		l := w.next()
		if l == nil {
			w.failed(fmt.Errorf("release to %d Deployments: only %d are left that had none", n, started))
			break
		}
		go func() {
			defer func() { done <- struct{}{} }()
			w.release(ctx, l, as)
		}()
		if every > 0 {
			select {
			case <-ticker.C:
			case <-ctx.Done():
			}
		}
	}
	for range started {
		<-done
	}
}

// next is a workload that had no bad release yet, nil if there is none.
func (w *World) next() *workload {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.fresh) == 0 {
		return nil
	}
	l := w.fresh[0]
	w.fresh = w.fresh[1:]
	return l
}

// release plays one bad release.
func (w *World) release(ctx context.Context, l *workload, as string) {
	ticker := time.NewTicker(between)
	defer ticker.Stop()
	r := w.begin(l, as)
	for report := range reports {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if !w.report(l, r, report) {
			return
		}
	}
}

// begin changes the Deployment, and does what its controller does then.
func (w *World) begin(l *workload, as string) *Rollout {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	bad, surge := l.revision+1, fleet.Surge(l.Replicas)
	r := &Rollout{Namespace: l.Namespace, Name: l.Name, As: as, Replicas: l.Replicas, Pods: int(surge), Began: now}
	l.busy, l.release = true, r
	r.rs = l.ReplicaSet(bad, surge, now.Unix())
	r.rs.Status = appsv1.ReplicaSetStatus{ObservedGeneration: 1, Replicas: surge, FullyLabeledReplicas: surge}
	r.set = fleet.NewSet(r.rs)
	w.mu.Lock()
	w.rollouts = append(w.rollouts, r)
	w.bad[l.Namespace+"/"+l.Name] = r
	w.mu.Unlock()
	w.announce(l, r.rs, bad, now)
	for range surge {
		p := w.newPod(now.Unix(), fleet.Pending)
		r.pods = append(r.pods, p)
		p.Started, p.Turned = now.Unix(), now.Unix()
		for _, stage := range []fleet.Stage{fleet.Pending, fleet.Scheduled} {
			p.Stage = stage
			w.put(r.set, p, nil)
		}
	}
	return r
}

// announce does what a client and the Deployment controller do when a release
// begins: rs is that of the new revision, as it is then.
func (w *World) announce(l *workload, rs *appsv1.ReplicaSet, revision int, now time.Time) {
	w.failed(w.server.Deployments.Edit(l.Namespace, l.Name, func(o wire.Object) error {
		d := o.(*appsv1.Deployment)
		d.Generation++
		d.Spec.Template = l.Template(revision)
		d.ManagedFields[0].Time = new(metav1.NewTime(now))
		return nil
	}))
	w.failed(w.server.ReplicaSets.Put(rs, nil))
	w.failed(w.server.Deployments.Edit(l.Namespace, l.Name, func(o wire.Object) error {
		d := o.(*appsv1.Deployment)
		d.Annotations[annotationRevision] = strconv.Itoa(revision)
		s, surge := &d.Status, rs.Status.Replicas
		s.ObservedGeneration, s.Replicas, s.UpdatedReplicas, s.UnavailableReplicas = d.Generation, l.Replicas+surge, surge, surge
		progressing(d, "ReplicaSetUpdated", fmt.Sprintf("ReplicaSet %q is progressing.", rs.Name), now)
		return nil
	}))
}

func progressing(d *appsv1.Deployment, reason, message string, now time.Time) {
	for i := range d.Status.Conditions {
		if c := &d.Status.Conditions[i]; c.Type == appsv1.DeploymentProgressing {
			c.Status, c.Reason, c.Message = corev1.ConditionTrue, reason, message
			c.LastUpdateTime, c.LastTransitionTime = metav1.NewTime(now), metav1.NewTime(now)
		}
	}
}

// report tells of one more pod that cannot be started. Its frame is the last that
// anybody has to wait for. It is false when the release is over.
func (w *World) report(l *workload, r *Rollout, number int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.release != r || w.patchedAlready(r) {
		return false
	}
	p := r.pods[number]
	p.Stage, p.Turned = fleet.Unstartable, time.Now().Unix()
	w.put(r.set, p, func(at time.Time) { w.evidence(r, number+1, at) })
	return true
}
