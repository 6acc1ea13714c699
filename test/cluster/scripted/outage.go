package scripted

import (
	"context"
	"fmt"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/script"
	"github.com/undog-dev/undog/test/script/stage"
)

// playOutages plays the script's outages, one goroutine for each.
func (k *Kubelet) playOutages(ctx context.Context) {
	var playing sync.WaitGroup
	defer playing.Wait()
	for _, planned := range k.opts.Script.Nodes {
		playing.Go(func() {
			if err := k.playOutage(ctx, planned); err != nil && ctx.Err() == nil {
				k.opts.Log.Error("play outage", "node", planned.Node, "reason", err)
			}
		})
	}
}

func (k *Kubelet) playOutage(ctx context.Context, planned script.NodeOutage) error {
	if !pause(ctx, planned.After.Duration) {
		return nil
	}
	if err := k.SetNodeDown(ctx, planned.Node, planned.EvictAfter.Duration); err != nil {
		return err
	}
	if planned.For.Duration == 0 || !pause(ctx, planned.For.Duration) {
		return nil
	}
	return k.SetNodeUp(ctx, planned.Node)
}

// pause reports whether the time passed before ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// lose is what the control plane does to a pod of a silent node.
func (k *Kubelet) lose(ctx context.Context, pod *v1.Pod, down *outage) (time.Time, error) {
	if pod.DeletionTimestamp != nil || terminal(pod) {
		// Only the kubelet could go on.
		return time.Time{}, nil
	}
	if err := k.markNotReady(ctx, pod); err != nil {
		return time.Time{}, err
	}
	tolerated, forever := toleratedFor(pod)
	if down.evictAfter > 0 {
		tolerated, forever = down.evictAfter, false
	}
	if forever {
		return time.Time{}, nil
	}
	if due := down.since.Add(tolerated); time.Now().Before(due) {
		return due, nil
	}
	k.recorder.Eventf(pod, v1.EventTypeNormal, "TaintManagerEviction", "Marking for deletion Pod %s/%s", pod.Namespace, pod.Name)
	return time.Time{}, k.disrupt(ctx, pod, script.EvictByTaint, "Taint manager: deleting due to NoExecute taint")
}

// markNotReady closes the pod's Ready condition and leaves its reason.
func (k *Kubelet) markNotReady(ctx context.Context, pod *v1.Pod) error {
	for _, c := range pod.Status.Conditions {
		if c.Type != v1.PodReady || c.Status != v1.ConditionTrue {
			continue
		}
		c.Status, c.LastTransitionTime = v1.ConditionFalse, metav1.Now()
		k.recorder.Event(pod, v1.EventTypeWarning, "NodeNotReady", "Node is not ready")
		_, err := k.patchStatus(ctx, pod, withCondition(pod.Status, c))
		return err
	}
	return nil
}

// toleratedFor is how long the pod tolerates an unreachable node.
func toleratedFor(pod *v1.Pod) (d time.Duration, forever bool) {
	t := stage.Toleration(pod, &v1.Taint{Key: unreachable, Effect: v1.TaintEffectNoExecute})
	switch {
	case t == nil:
		return 0, false
	case t.TolerationSeconds == nil:
		return 0, true
	}
	return time.Duration(*t.TolerationSeconds) * time.Second, false
}

// disrupt marks the pod as disrupted and deletes it.
func (k *Kubelet) disrupt(ctx context.Context, pod *v1.Pod, reason, message string) error {
	status := withCondition(pod.Status, disruption(pod, reason, message))
	if _, err := k.patchStatus(ctx, pod, status); err != nil {
		return err
	}
	err := k.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
		Preconditions: metav1.NewUIDPreconditions(string(pod.UID)),
	})
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		return fmt.Errorf("delete disrupted pod: %w", err)
	}
	return nil
}

func disruption(pod *v1.Pod, reason, message string) v1.PodCondition {
	return v1.PodCondition{
		Type: v1.DisruptionTarget, Status: v1.ConditionTrue, Reason: reason, Message: message,
		LastTransitionTime: metav1.Now(), ObservedGeneration: pod.Generation,
	}
}
