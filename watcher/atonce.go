package watcher

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/undog-dev/undog/policy"
)

// releasedAtOnce tells whether a release leaves no old pods beside new ones: all
// of them go before the first new one is ready, or the only one as soon as it is.
func releasedAtOnce(d *appsv1.Deployment) bool {
	replicas := int32(1)
	if d.Spec.Replicas != nil {
		replicas = *d.Spec.Replicas
	}
	if d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType || replicas == 1 {
		return true
	}
	rolling := d.Spec.Strategy.RollingUpdate
	if rolling == nil || rolling.MaxUnavailable == nil {
		return false
	}
	away, err := intstr.GetScaledValueFromIntOrPercent(rolling.MaxUnavailable, int(replicas), false)
	return err == nil && away >= int(replicas)
}

// AtOnce tells whether a release of the Deployment with this UID leaves no old
// pods beside new ones; false if there is none that is watched.
func (s *State) AtOnce(deployment string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, _ := uidOf(deployment)
	w := s.deployments[id]
	return w != nil && w.live() && w.rec.atOnce
}

// AllAtOnce lists the UIDs of those that match, by their namespace and labels, sorted.
func (s *State) AllAtOnce(match func(namespace string, labels policy.Labels) bool) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, w := range s.deployments {
		if w.live() && w.rec.atOnce && match(w.ref.Namespace, w.rec.labels) {
			out = append(out, w.ref.UID)
		}
	}
	slices.Sort(out)
	return out
}

// AtOnce is that of the State; false before Synced.
func (w *Watcher) AtOnce(uid string) bool { return w.Synced() && w.state.AtOnce(uid) }

// AllAtOnce is that of the State; nothing before Synced.
func (w *Watcher) AllAtOnce(match func(namespace string, labels policy.Labels) bool) []string {
	if !w.Synced() {
		return nil
	}
	return w.state.AllAtOnce(match)
}
