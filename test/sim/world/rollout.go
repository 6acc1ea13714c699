package world

import (
	"cmp"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
)

// rollout is a Deployment as its controller looks at it.
type rollout struct {
	w        *World
	d        *appsv1.Deployment
	current  *appsv1.ReplicaSet
	old      []*appsv1.ReplicaSet
	replicas int32
}

// reconcile is one round of the controllers over one Deployment.
func (w *World) reconcile(name string) {
	d := w.Deployment(name)
	if d == nil {
		return
	}
	for _, rs := range w.Owned(d) {
		w.syncReplicaSet(rs)
	}
	r := w.look(d)
	r.sync()
	w.look(w.Deployment(name)).writeStatus()
}

// look sorts the ReplicaSets into the current one and the old.
func (w *World) look(d *appsv1.Deployment) *rollout {
	r := &rollout{w: w, d: d, replicas: *d.Spec.Replicas}
	for _, rs := range w.Owned(d) {
		if r.current == nil && w.Template(rs) == w.Template(d) {
			r.current = rs
		} else {
			r.old = append(r.old, rs)
		}
	}
	slices.SortFunc(r.old, func(a, b *appsv1.ReplicaSet) int { return cmp.Compare(number(a), number(b)) })
	return r
}

func (r *rollout) sync() {
	switch {
	case r.d.Spec.Paused:
		r.scalePaused()
		return
	case r.d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType:
		r.recreate()
	default:
		r.ensureCurrent()
		if !r.scaleCurrent() {
			r.scaleOld()
		}
	}
	r.prune()
}

// ensureCurrent makes the current ReplicaSet if there is none, and gives it
// the highest number.
func (r *rollout) ensureCurrent() {
	var highest int64
	for _, rs := range r.old {
		highest = max(highest, number(rs))
	}
	switch {
	case r.current == nil:
		r.current = r.w.createReplicaSet(r.d, max(highest, number(r.d))+1)
	case number(r.current) < highest+1:
		next := *r.current
		next.Annotations = with(next.Annotations, revisionAnnotation, strconv.FormatInt(highest+1, 10))
		r.w.Replace(r.w.ReplicaSets, &next)
		r.current = &next
	}
}

// scaleCurrent moves the current ReplicaSet towards its size, and tells
// whether it did.
func (r *rollout) scaleCurrent() bool {
	have := *r.current.Spec.Replicas
	if have > r.replicas {
		r.w.scale(r.current, r.replicas)
		return true
	}
	most := r.replicas + int32(r.d.Spec.Strategy.RollingUpdate.MaxSurge.IntVal) - r.asked()
	if have == r.replicas || most <= 0 {
		return false
	}
	r.w.scale(r.current, have+min(most, r.replicas-have))
	return true
}

// asked is how many pods all ReplicaSets together are asked for.
func (r *rollout) asked() int32 {
	n := *r.current.Spec.Replicas
	for _, rs := range r.old {
		n += *rs.Spec.Replicas
	}
	return n
}

// scaleOld takes pods from old ReplicaSets, those that are of no use first.
func (r *rollout) scaleOld() {
	least := r.replicas - int32(r.d.Spec.Strategy.RollingUpdate.MaxUnavailable.IntVal)
	budget := r.asked() - least - (*r.current.Spec.Replicas - r.current.Status.AvailableReplicas)
	if budget <= 0 {
		return
	}
	available := r.current.Status.AvailableReplicas
	sizes := make([]int32, len(r.old))
	for i, rs := range r.old {
		sizes[i] = *rs.Spec.Replicas
		available += min(rs.Status.AvailableReplicas, sizes[i])
		useless := min(max(sizes[i]-rs.Status.AvailableReplicas, 0), budget)
		sizes[i] -= useless
		budget -= useless
	}
	surplus := min(available-least, budget)
	for i := range r.old {
		if surplus <= 0 {
			break
		}
		n := min(sizes[i], surplus)
		sizes[i] -= n
		surplus -= n
	}
	for i, rs := range r.old {
		r.w.scale(rs, sizes[i])
	}
}

// recreate removes everything old before anything new is made.
func (r *rollout) recreate() {
	busy := false
	for _, rs := range r.old {
		r.w.scale(rs, 0)
		busy = busy || len(r.w.podsOf(rs)) > 0
	}
	if busy {
		return
	}
	r.ensureCurrent()
	r.w.scale(r.current, r.replicas)
}

// scalePaused follows a change of size while the rollout stands still: the
// largest ReplicaSet takes it.
func (r *rollout) scalePaused() {
	var largest *appsv1.ReplicaSet
	total := int32(0)
	for _, rs := range r.w.Owned(r.d) {
		total += *rs.Spec.Replicas
		if largest == nil || *rs.Spec.Replicas > *largest.Spec.Replicas {
			largest = rs
		}
	}
	if largest == nil || total == 0 {
		return
	}
	most := r.replicas
	if r.d.Spec.Strategy.RollingUpdate != nil {
		most += int32(r.d.Spec.Strategy.RollingUpdate.MaxSurge.IntVal)
	}
	switch {
	case total < r.replicas:
		r.w.scale(largest, *largest.Spec.Replicas+r.replicas-total)
	case total > most:
		r.w.scale(largest, max(*largest.Spec.Replicas-(total-most), 0))
	}
}

// prune keeps revisionHistoryLimit old ReplicaSets once the rollout is complete.
func (r *rollout) prune() {
	if r.current == nil || r.d.Status.ObservedGeneration < r.d.Generation || !r.complete(r.status()) {
		return
	}
	var idle []*appsv1.ReplicaSet
	for _, rs := range r.old {
		if *rs.Spec.Replicas == 0 && rs.Status.Replicas == 0 && len(r.w.podsOf(rs)) == 0 {
			idle = append(idle, rs)
		}
	}
	for _, rs := range idle[:max(0, len(idle)-int(*r.d.Spec.RevisionHistoryLimit))] {
		r.w.removeReplicaSet(rs)
	}
}
