package world

import (
	"fmt"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/script"
)

// kubelet is one node's agent.
type kubelet struct {
	address string
	// down is since when it is silent, zero when it is not.
	down       time.Time
	evictAfter time.Duration
}

// Node is what a node is like; what is zero is large.
type Node struct {
	Name        string
	CPU, Memory string
	Pods        int64
	Labels      map[string]string
}

const unreachable = "node.kubernetes.io/unreachable"

// defaultToleration is how long every pod tolerates a node that is gone
// (admission plugin DefaultTolerationSeconds).
const defaultToleration = 300 * time.Second

// AddNode registers a node.
func (w *World) AddNode(n Node) error {
	resources := corev1.ResourceList{}
	for name, text := range map[corev1.ResourceName]string{
		corev1.ResourceCPU: or(n.CPU, "64"), corev1.ResourceMemory: or(n.Memory, "256Gi"),
	} {
		q, err := resource.ParseQuantity(text)
		if err != nil {
			return fmt.Errorf("add node %s: %s: %w", n.Name, name, err)
		}
		resources[name] = q
	}
	resources[corev1.ResourcePods] = *resource.NewQuantity(max(n.Pods, 110*b2i64(n.Pods == 0)), resource.DecimalSI)
	labels := map[string]string{corev1.LabelHostname: n.Name, corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64"}
	maps.Copy(labels, n.Labels)
	k := &kubelet{address: fmt.Sprintf("10.0.0.%d", len(w.kubelets)+1)}
	w.kubelets[n.Name] = k
	w.Create(Nodes, &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: n.Name, Labels: labels},
		Status: corev1.NodeStatus{Capacity: resources, Allocatable: resources, Conditions: []corev1.NodeCondition{{
			Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady", Message: "kubelet is posting ready status",
			LastHeartbeatTime: w.now(), LastTransitionTime: w.now(),
		}}},
	})
	return nil
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func b2i64(b bool) int64 { return int64(b2i(b)) }

func (w *World) editNode(name string, change func(n *corev1.Node)) {
	if old, ok := w.Get(Nodes, name).(*corev1.Node); ok {
		next := old.DeepCopy()
		change(next)
		w.Replace(Nodes, next)
	}
}

// NodeDown makes a node's kubelet silent, as the node life cycle controller
// shows it. evictAfter replaces the pods' tolerationSeconds when not zero.
func (w *World) NodeDown(name string, evictAfter time.Duration) {
	k := w.kubelets[name]
	if k == nil {
		return
	}
	k.down, k.evictAfter = w.Clock.Now(), evictAfter
	w.editNode(name, func(n *corev1.Node) {
		n.Spec.Taints = append(n.Spec.Taints,
			corev1.Taint{Key: unreachable, Effect: corev1.TaintEffectNoSchedule},
			corev1.Taint{Key: unreachable, Effect: corev1.TaintEffectNoExecute})
		c := &n.Status.Conditions[0]
		c.Status, c.Reason, c.Message, c.LastTransitionTime = corev1.ConditionUnknown, "NodeStatusUnknown", "Kubelet stopped posting node status.", w.now()
	})
	w.visitNode(name)
	after := defaultToleration
	if evictAfter > 0 {
		after = evictAfter
	}
	w.Clock.After(after, func() { w.visitNode(name) })
}

// NodeUp ends NodeDown.
func (w *World) NodeUp(name string) {
	k := w.kubelets[name]
	if k == nil || k.down.IsZero() {
		return
	}
	k.down = time.Time{}
	w.editNode(name, func(n *corev1.Node) {
		n.Spec.Taints = nil
		c := &n.Status.Conditions[0]
		c.Status, c.Reason, c.Message, c.LastTransitionTime = corev1.ConditionTrue, "KubeletReady", "kubelet is posting ready status", w.now()
	})
	w.visitNode(name)
}

// visitNode has every pod of a node looked at.
func (w *World) visitNode(name string) {
	for _, p := range all[*corev1.Pod](w, Pods) {
		if p.Spec.NodeName == name {
			w.sync(p.Name)
		}
	}
}

// Cordon closes a node to new pods, or opens it.
func (w *World) Cordon(name string, closed bool) {
	w.editNode(name, func(n *corev1.Node) { n.Spec.Unschedulable = closed })
}

// Drain is kubectl drain: it cordons the node and evicts its pods.
func (w *World) Drain(name string) {
	w.Cordon(name, true)
	for _, p := range all[*corev1.Pod](w, Pods) {
		if p.Spec.NodeName == name && p.DeletionTimestamp == nil {
			w.Disrupt(p, script.EvictByAPI)
		}
	}
}

// lose is what the control plane does to a pod of a silent node.
func (w *World) lose(p *corev1.Pod, k *kubelet) {
	if p.DeletionTimestamp != nil || finished(p) {
		// Only the kubelet could go on.
		return
	}
	if IsReady(p) {
		w.updatePod(p, func(s *corev1.PodStatus) {
			for i := range s.Conditions {
				if s.Conditions[i].Type == corev1.PodReady {
					s.Conditions[i].Status, s.Conditions[i].LastTransitionTime = corev1.ConditionFalse, w.now()
				}
			}
		})
		w.record(p, corev1.EventTypeWarning, "NodeNotReady", "Node is not ready", "node-controller", "")
	}
	after := defaultToleration
	if k.evictAfter > 0 {
		after = k.evictAfter
	}
	if w.Clock.Now().Before(k.down.Add(after)) {
		return
	}
	if p, ok := w.Get(Pods, p.Name).(*corev1.Pod); ok {
		w.Disrupt(p, script.EvictByTaint)
	}
}
