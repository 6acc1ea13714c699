package baseline

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/test/corpus/play"
	"github.com/undog-dev/undog/test/corpus/world"
)

// Breaker is the deployment circuit breaker of Amazon ECS: half of the desired
// count, at least 3 and at most 200, of tasks that failed to reach a healthy
// running state in a row; a task that does sets the count to zero.
//
// A task is a pod here, and a pod that is restarted in place stands for a new
// task each time, since ECS replaces tasks where Kubernetes restarts containers.
//
// Source: Amazon ECS Developer Guide, "How the Amazon ECS deployment circuit
// breaker detects failures": "Minimum threshold <= 0.5 * desired task count <=
// maximum threshold", with 3 and 200.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
type Breaker struct {
	revision types.UID
	failures int
	pods     map[types.UID]task
}

// task is what was counted of a pod.
type task struct {
	restarts int
	// waiting is why a container does not start, as last seen.
	waiting string
	healthy bool
}

// NewBreaker makes one.
func NewBreaker() *Breaker { return &Breaker{} }

// Name implements play.Judge.
func (*Breaker) Name() string { return "ECS circuit breaker" }

// Threshold is how many failures a desired count allows.
func Threshold(desired int32) int {
	return int(min(max((desired+1)/2, 3), 200))
}

// Look implements play.Judge.
func (b *Breaker) Look(v play.View) bool {
	if b.revision != v.Current.UID {
		b.revision, b.failures, b.pods = v.Current.UID, 0, map[types.UID]task{}
	}
	for _, p := range v.New {
		was := b.pods[p.UID]
		now := task{restarts: restarts(p), waiting: waiting(p), healthy: world.IsReady(p)}
		b.failures += max(now.restarts-was.restarts, 0)
		if now.waiting != "" && now.waiting != was.waiting && now.waiting != "ImagePullBackOff" {
			b.failures++
		}
		if now.healthy && !was.healthy {
			b.failures = 0
		}
		b.pods[p.UID] = now
	}
	return b.failures >= Threshold(*v.Deployment.Spec.Replicas)
}

// restarts is how often a pod's containers were restarted; a pod that failed
// as a whole counts as one more.
func restarts(p *corev1.Pod) int {
	n := 0
	for c := range statuses(p) {
		n += int(c.RestartCount)
	}
	if p.Status.Phase == corev1.PodFailed {
		n++
	}
	return n
}

// waiting is why a container that never ran cannot start: ECS replaces the
// task at each attempt.
func waiting(p *corev1.Pod) string {
	for c := range statuses(p) {
		if c.RestartCount == 0 && c.State.Waiting != nil && troubled(c) {
			return c.State.Waiting.Reason
		}
	}
	return ""
}
