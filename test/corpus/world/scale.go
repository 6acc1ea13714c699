package world

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
)

// isScaling tells whether the number of pods was changed since the ReplicaSets
// were last sized.
func (r *rollout) isScaling() bool {
	want := strconv.Itoa(int(r.replicas()))
	return slices.ContainsFunc(r.all(), func(rs *appsv1.ReplicaSet) bool {
		return *rs.Spec.Replicas > 0 && rs.Annotations[desiredAnnotation] != "" && rs.Annotations[desiredAnnotation] != want
	})
}

// scale follows a change of the number of pods: during a rollout all
// ReplicaSets take their share of it.
func (r *rollout) scale() {
	active := slices.DeleteFunc(r.all(), func(rs *appsv1.ReplicaSet) bool { return *rs.Spec.Replicas == 0 })
	switch {
	case len(active) == 1:
		r.size(active[0], r.replicas())
		return
	case len(active) == 0:
		if r.current != nil {
			r.size(r.current, r.replicas())
		}
		return
	case r.saturated():
		for _, rs := range slices.Clone(r.old) {
			if *rs.Spec.Replicas > 0 {
				r.size(rs, 0)
			}
		}
		return
	case r.d.Spec.Strategy.RollingUpdate != nil:
		r.scaleShares(active)
	}
}

func (r *rollout) saturated() bool {
	return r.current != nil && *r.current.Spec.Replicas == r.replicas() && r.current.Status.AvailableReplicas == r.replicas()
}

// scaleShares distributes the difference in proportion, the largest first.
func (r *rollout) scaleShares(active []*appsv1.ReplicaSet) {
	allowed := int32(0)
	if r.replicas() > 0 {
		allowed = r.replicas() + r.surge
	}
	total := r.asked()
	toAdd := allowed - total
	slices.SortStableFunc(active, func(a, b *appsv1.ReplicaSet) int {
		if c := cmp.Compare(*b.Spec.Replicas, *a.Spec.Replicas); c != 0 {
			return c
		}
		if toAdd > 0 {
			return b.CreationTimestamp.Compare(a.CreationTimestamp.Time)
		}
		return a.CreationTimestamp.Compare(b.CreationTimestamp.Time)
	})
	added := int32(0)
	sizes := make([]int32, len(active))
	for i, rs := range active {
		sizes[i] = *rs.Spec.Replicas
		if toAdd == 0 {
			continue
		}
		share := int32(math.Round(float64(sizes[i])*float64(allowed)/float64(total))) - sizes[i]
		if toAdd > 0 {
			share = min(max(share, 0), toAdd-added)
		} else {
			share = max(min(share, 0), toAdd-added)
		}
		sizes[i] += share
		added += share
	}
	sizes[0] = max(0, sizes[0]+toAdd-added)
	for i, rs := range active {
		r.size(rs, sizes[i])
	}
}
