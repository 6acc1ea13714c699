package scripted

import (
	"context"
	"fmt"
	"time"

	v1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/script"
)

const (
	reasonEvicted = "Evicted"
	// evictRetry is how soon an eviction that a budget forbids is tried again.
	evictRetry = time.Second
)

// eviction is the pod's scripted eviction and when it is due; nil if it has none.
func (s *state) eviction() (*script.Evict, time.Time) {
	for name, part := range s.parts {
		if part.Play.Evict == nil {
			continue
		}
		if started := s.life.Started(name); !started.IsZero() {
			return part.Play.Evict, started.Add(part.Play.Evict.After.Duration)
		}
	}
	return nil, time.Time{}
}

// evictionDue is when the eviction that has not happened is due, or zero.
func (s *state) evictionDue() time.Time {
	if s.evicted {
		return time.Time{}
	}
	_, due := s.eviction()
	return due
}

// maybeEvict evicts the pod if that is due; done says that nothing else is to
// be done with it now.
func (k *Kubelet) maybeEvict(ctx context.Context, s *state, pod *v1.Pod, now time.Time) (done bool, wake time.Time, err error) {
	evict, due := s.eviction()
	if evict == nil || s.evicted || now.Before(due) {
		return false, time.Time{}, nil
	}
	message := evict.Text()
	switch evict.Why() {
	case script.EvictByAPI:
		err = k.client.CoreV1().Pods(pod.Namespace).EvictV1(ctx, &policyv1.Eviction{
			ObjectMeta:    metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name},
			DeleteOptions: &metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(pod.UID))},
		})
		if apierrors.IsTooManyRequests(err) {
			return false, now.Add(evictRetry), nil
		}
		if err != nil {
			return true, time.Time{}, fmt.Errorf("evict pod: %w", err)
		}
	case script.EvictByKubelet:
		err = k.evictLocally(ctx, s, pod, message, now)
	default:
		err = k.disrupt(ctx, pod, evict.Why(), message)
	}
	s.evicted = err == nil
	return true, time.Time{}, err
}

// evictLocally is the kubelet's own eviction under pressure: the pod fails and
// its object stays.
func (k *Kubelet) evictLocally(ctx context.Context, s *state, pod *v1.Pod, message string, now time.Time) error {
	s.life.End(now, false)
	s.closeServers()
	before := withCondition(pod.Status, disruption(pod, script.EvictByKubelet, message))
	before.Phase, before.Reason, before.Message = v1.PodFailed, reasonEvicted, message
	if err := k.write(ctx, s, pod, s.life.Status(now, before)); err != nil {
		return err
	}
	k.recorder.Event(pod, v1.EventTypeWarning, reasonEvicted, message)
	k.recordEvents(s, pod)
	return nil
}

// Disrupt takes a pod away as the control plane does: with the condition
// DisruptionTarget of that reason, and then for good. The API's own eviction
// is not among it: whoever may delete pods can ask for that.
func (k *Kubelet) Disrupt(ctx context.Context, pod *v1.Pod, reason string) error {
	return k.disrupt(ctx, pod, reason, (&script.Evict{Reason: reason}).Text())
}
