package cluster_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// awaitEvent waits for an Event with the reason whose message contains the text.
func awaitEvent(t *testing.T, ns, reason, text string) {
	t.Helper()
	eventually(t, "event "+reason, func(ctx context.Context) (bool, error) {
		list, err := client.CoreV1().Events(ns).List(ctx, metav1.ListOptions{FieldSelector: "reason=" + reason})
		if err != nil {
			return false, err
		}
		for _, event := range list.Items {
			if strings.Contains(event.Message, text) {
				return true, nil
			}
		}
		return false, nil
	})
}

// disrupted returns a condition: a pod carried DisruptionTarget with the reason.
func disrupted(reason string) func([]*v1.Pod, bool) bool {
	return func(h []*v1.Pod, _ bool) bool {
		c := condition(last(h), v1.DisruptionTarget)
		return c != nil && c.Status == v1.ConditionTrue && c.Reason == reason
	}
}

func TestEvictionByAPI(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	pods := record(t, ns)
	deploy(t, ns, 1, nil)
	available(t, ns)
	history := pods.until(t, "a ready pod", becomesReady)
	name := last(history).Name
	err := client.CoreV1().Pods(ns).EvictV1(t.Context(), &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name}})
	if err != nil {
		t.Fatal(err)
	}
	history = pods.until(t, "the pod to go", func(_ []*v1.Pod, gone bool) bool { return gone })
	if !disrupted("EvictionByEvictionAPI")(history, true) {
		t.Errorf("conditions at the end are %+v, want DisruptionTarget", last(history).Status.Conditions)
	}
	available(t, ns)
}

func TestEvictionsOfAScript(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"EvictionByEvictionAPI", "PreemptionByScheduler", "TerminationByKubelet"} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			ns := namespace(t)
			play(t, fmt.Sprintf(`
rules:
  - match: {namespaces: [%s], ordinals: "0"}
    play: {evict: {after: 200ms, reason: %s}}
`, ns, reason))
			pods := record(t, ns)
			deploy(t, ns, 1, nil)
			history := pods.until(t, "DisruptionTarget", disrupted(reason))
			if reason == "TerminationByKubelet" {
				end := last(history).Status
				if end.Phase != v1.PodFailed || end.Reason != "Evicted" || !strings.HasPrefix(end.Message, "The node was low on resource") {
					t.Errorf("status is %s %s %q, want Failed, Evicted", end.Phase, end.Reason, end.Message)
				}
			}
			// Its replacement is the second of the revision and stays.
			eventually(t, "a replacement", func(ctx context.Context) (bool, error) {
				d, err := client.AppsV1().Deployments(ns).Get(ctx, "web", metav1.GetOptions{})
				return err == nil && d.Status.AvailableReplicas == 1, err
			})
		})
	}
}

func TestNodeNotReady(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	pods := record(t, ns)
	deploy(t, ns, 1, func(p *v1.PodTemplateSpec) {
		p.Spec.NodeSelector = map[string]string{v1.LabelHostname: outageNode}
	})
	available(t, ns)
	if err := kubelet.SetNodeDown(t.Context(), outageNode, 0); err != nil {
		t.Fatal(err)
	}
	pods.until(t, "the pod to be not ready", func(h []*v1.Pod, _ bool) bool {
		ready, app := condition(last(h), v1.PodReady), status(last(h), "app")
		// The container is ready as far as anyone knows.
		return ready != nil && ready.Status == v1.ConditionFalse && app != nil && app.Ready
	})
	node, err := client.CoreV1().Nodes().Get(t.Context(), outageNode, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range node.Status.Conditions {
		if c.Type == v1.NodeReady && (c.Status != v1.ConditionUnknown || c.Reason != "NodeStatusUnknown") {
			t.Errorf("node condition is %+v, want Unknown", c)
		}
	}
	if len(node.Spec.Taints) != 2 {
		t.Errorf("taints are %+v, want unreachable twice", node.Spec.Taints)
	}
	silent(t, last(pods.until(t, "a ready container", becomesReady)))
	if err := kubelet.SetNodeUp(t.Context(), outageNode); err != nil {
		t.Fatal(err)
	}
	available(t, ns)
	if _, err := logOf(t, last(pods.until(t, "a ready container", becomesReady)), v1.PodLogOptions{}); err != nil {
		t.Errorf("read the log when the node is back: %v", err)
	}

	if err := kubelet.SetNodeDown(t.Context(), outageNode, 1); err != nil {
		t.Fatal(err)
	}
	pods.until(t, "the pod to be evicted by the taint", disrupted("DeletionByTaintManager"))
	if err := kubelet.SetNodeUp(t.Context(), outageNode); err != nil {
		t.Fatal(err)
	}
	pods.until(t, "the pod to go", func(h []*v1.Pod, gone bool) bool { return gone && disrupted("DeletionByTaintManager")(h, gone) })
	available(t, ns)
}

func TestDeleteEndsPods(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	pods := record(t, ns)
	deploy(t, ns, 2, nil)
	available(t, ns)
	if err := client.AppsV1().Deployments(ns).Delete(t.Context(), "web", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	history := pods.until(t, "a pod to go", func(_ []*v1.Pod, gone bool) bool { return gone })
	if s := status(last(history), "app"); s.State.Terminated == nil || s.Ready {
		t.Errorf("the last state is %s, want terminated", describe(s))
	}
	eventually(t, "all pods and ReplicaSets to go", func(ctx context.Context) (bool, error) {
		left, err := client.CoreV1().Pods(ns).List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err
		}
		sets, err := client.AppsV1().ReplicaSets(ns).List(ctx, metav1.ListOptions{})
		return err == nil && len(left.Items) == 0 && len(sets.Items) == 0, err
	})
}
