package cluster_test

import (
	"context"
	"testing"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/test/cluster/scripted"
	"github.com/undog-dev/undog/test/script"
)

// A pod that needs more than there is waits until a node of its kind comes.
// The test runs alone: others count nodes.
func TestNodeIsAdded(t *testing.T) {
	ns := namespace(t)
	pods := record(t, ns)
	deploy(t, ns, 1, func(p *v1.PodTemplateSpec) {
		p.Spec.NodeSelector = map[string]string{"pool": "large"}
		p.Spec.Containers[0].Resources.Requests = v1.ResourceList{v1.ResourceCPU: resource.MustParse("100")}
	})
	pods.until(t, "PodScheduled=False", func(h []*v1.Pod, _ bool) bool {
		c := condition(last(h), v1.PodScheduled)
		return c != nil && c.Status == v1.ConditionFalse
	})
	const name = "large-1"
	if err := kubelet.AddNode(t.Context(), scripted.Node{Name: name, CPU: "128", Labels: map[string]string{"pool": "large"}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.CoreV1().Nodes().Delete(context.Background(), name, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
	available(t, ns)
	if err := kubelet.AddNode(t.Context(), scripted.Node{Name: name}); err == nil {
		t.Error("a second node of the same name was added")
	}
	history := pods.until(t, "a ready pod", becomesReady)
	if err := kubelet.Disrupt(t.Context(), last(history), script.EvictByScheduler); err != nil {
		t.Fatal(err)
	}
	pods.until(t, "the pod to be preempted", disrupted(script.EvictByScheduler))
	available(t, ns)
}

// A quota refuses pods that are too many, and counts those that go.
func TestQuota(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	quota := &v1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "team"},
		Spec:       v1.ResourceQuotaSpec{Hard: v1.ResourceList{v1.ResourcePods: resource.MustParse("1")}},
	}
	if _, err := client.CoreV1().ResourceQuotas(ns).Create(t.Context(), quota, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	used := func(n int64) {
		t.Helper()
		eventually(t, "the quota to be counted", func(ctx context.Context) (bool, error) {
			q, err := client.CoreV1().ResourceQuotas(ns).Get(ctx, "team", metav1.GetOptions{})
			if err != nil {
				return false, err
			}
			pods, counted := q.Status.Used[v1.ResourcePods]
			return counted && pods.Value() == n, nil
		})
	}
	used(0)
	deploy(t, ns, 2, nil)
	awaitEvent(t, ns, "FailedCreate", "exceeded quota: team, requested: pods=1, used: pods=1, limited: pods=1")
	used(1)
	_, err := client.AppsV1().Deployments(ns).Patch(t.Context(), "web", types.MergePatchType, []byte(`{"spec":{"replicas":0}}`), metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	used(0)
}
