package scripted

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
)

const (
	leasePeriod   = 10 * time.Second
	leaseDuration = int32(40)

	unreachable  = "node.kubernetes.io/unreachable"
	labelManaged = "scripted.undog.dev/node"
)

// node is one played node.
type node struct {
	name      string
	address   string
	labels    map[string]string
	resources v1.ResourceList

	mu   sync.Mutex
	down *outage
	// server answers the API server, at this port; nil while the node is down.
	server *server
	port   int32
}

// outage is a kubelet that went silent.
type outage struct {
	since time.Time
	// evictAfter replaces the pods' own tolerationSeconds when not zero.
	evictAfter time.Duration
}

func (n *node) outage() *outage {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.down
}

// register creates the Node and its lease, or takes over those of its name.
func (k *Kubelet) register(ctx context.Context, n *node) error {
	created, err := k.client.CoreV1().Nodes().Create(ctx, nodeObject(n), metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("register node %s: %w", n.name, err)
	}
	if err == nil && created.Spec.Unschedulable {
		return fmt.Errorf("register node %s: it was cordoned at once", n.name)
	}
	if err := k.open(n); err != nil {
		return fmt.Errorf("register node %s: %w", n.name, err)
	}
	if err := k.showNode(ctx, n); err != nil {
		return fmt.Errorf("register node %s: %w", n.name, err)
	}
	return k.renew(ctx, n)
}

func nodeObject(n *node) *v1.Node {
	labels := map[string]string{
		v1.LabelHostname: n.name, v1.LabelOSStable: "linux", v1.LabelArchStable: "amd64", labelManaged: "true",
	}
	maps.Copy(labels, n.labels)
	return &v1.Node{ObjectMeta: metav1.ObjectMeta{Name: n.name, Labels: labels}}
}

// showNode writes taints and status for what the node is now: up, or down as
// the node lifecycle controller would mark it.
func (k *Kubelet) showNode(ctx context.Context, n *node) error {
	down := n.outage()
	nodes := k.client.CoreV1().Nodes()
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		current, err := nodes.Get(ctx, n.name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		current.Spec.Taints = taints(current.Spec.Taints, down)
		if current, err = nodes.Update(ctx, current, metav1.UpdateOptions{}); err != nil {
			return err
		}
		current.Status = nodeStatus(n, current.Status, down)
		_, err = nodes.UpdateStatus(ctx, current, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		return fmt.Errorf("write node: %w", err)
	}
	return nil
}

func taints(current []v1.Taint, down *outage) []v1.Taint {
	var kept []v1.Taint
	for _, taint := range current {
		if taint.Key != unreachable {
			kept = append(kept, taint)
		}
	}
	if down == nil {
		return kept
	}
	added := metav1.NewTime(down.since)
	return append(kept,
		v1.Taint{Key: unreachable, Effect: v1.TaintEffectNoSchedule, TimeAdded: &added},
		v1.Taint{Key: unreachable, Effect: v1.TaintEffectNoExecute, TimeAdded: &added})
}

func nodeStatus(n *node, before v1.NodeStatus, down *outage) v1.NodeStatus {
	n.mu.Lock()
	port := n.port
	n.mu.Unlock()
	status := v1.NodeStatus{
		Capacity: n.resources, Allocatable: n.resources,
		// The API server would rather ask for logs at a host's name, which nobody
		// resolves here.
		Addresses:       []v1.NodeAddress{{Type: v1.NodeInternalIP, Address: n.address}},
		DaemonEndpoints: v1.NodeDaemonEndpoints{KubeletEndpoint: v1.DaemonEndpoint{Port: port}},
		NodeInfo: v1.NodeSystemInfo{
			KubeletVersion: "v1.37.2", OperatingSystem: "linux", Architecture: "amd64",
			ContainerRuntimeVersion: "scripted://1", OSImage: "scripted", KernelVersion: "scripted",
		},
	}
	now := metav1.Now()
	for _, c := range []struct {
		kind            v1.NodeConditionType
		healthy         v1.ConditionStatus
		reason, message string
	}{
		{v1.NodeMemoryPressure, v1.ConditionFalse, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"},
		{v1.NodeDiskPressure, v1.ConditionFalse, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"},
		{v1.NodePIDPressure, v1.ConditionFalse, "KubeletHasSufficientPID", "kubelet has sufficient PID available"},
		{v1.NodeReady, v1.ConditionTrue, "KubeletReady", "kubelet is posting ready status"},
	} {
		condition := v1.NodeCondition{
			Type: c.kind, Status: c.healthy, Reason: c.reason, Message: c.message,
			LastHeartbeatTime: now, LastTransitionTime: now,
		}
		if down != nil {
			condition.Status, condition.Reason = v1.ConditionUnknown, "NodeStatusUnknown"
			condition.Message = "Kubelet stopped posting node status."
			condition.LastHeartbeatTime = metav1.NewTime(down.since)
		}
		for _, old := range before.Conditions {
			if old.Type == condition.Type && old.Status == condition.Status {
				condition.LastTransitionTime = old.LastTransitionTime
			}
		}
		status.Conditions = append(status.Conditions, condition)
	}
	return status
}

// heartbeat renews the leases of the nodes that are up.
func (k *Kubelet) heartbeat(ctx context.Context) {
	ticker := time.NewTicker(leasePeriod)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, n := range k.allNodes() {
			if n.outage() != nil {
				continue
			}
			if err := k.renew(ctx, n); err != nil && ctx.Err() == nil {
				k.opts.Log.Warn("renew node lease", "node", n.name, "reason", err)
			}
		}
	}
}

func (k *Kubelet) renew(ctx context.Context, n *node) error {
	leases := k.client.CoordinationV1().Leases(v1.NamespaceNodeLease)
	now := metav1.NowMicro()
	duration := leaseDuration
	spec := coordinationv1.LeaseSpec{HolderIdentity: &n.name, LeaseDurationSeconds: &duration, RenewTime: &now}
	lease, err := leases.Get(ctx, n.name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		_, err = leases.Create(ctx, &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: n.name}, Spec: spec}, metav1.CreateOptions{})
	} else if err == nil {
		lease.Spec = spec
		_, err = leases.Update(ctx, lease, metav1.UpdateOptions{})
	}
	if err != nil {
		return fmt.Errorf("renew lease of node %s: %w", n.name, err)
	}
	return nil
}

// SetNodeDown makes the node's kubelet silent, as the node lifecycle controller
// would show it: the node is NotReady and tainted, its pods are not ready, it
// takes no connections, and after their tolerationSeconds (evictAfter when not zero) they are deleted,
// which only completes when the node is back.
func (k *Kubelet) SetNodeDown(ctx context.Context, name string, evictAfter time.Duration) error {
	return k.setOutage(ctx, name, &outage{since: time.Now(), evictAfter: evictAfter})
}

// SetNodeUp ends SetNodeDown.
func (k *Kubelet) SetNodeUp(ctx context.Context, name string) error {
	return k.setOutage(ctx, name, nil)
}

func (k *Kubelet) setOutage(ctx context.Context, name string, down *outage) error {
	n := k.node(name)
	if n == nil {
		return fmt.Errorf("change node %q: %w", name, errors.New("it is not one of this kubelet's"))
	}
	n.mu.Lock()
	n.down = down
	n.mu.Unlock()
	n.shut()
	if down == nil {
		if err := k.open(n); err != nil {
			return fmt.Errorf("change node %s: %w", name, err)
		}
	}
	if err := k.showNode(ctx, n); err != nil {
		return fmt.Errorf("change node %s: %w", name, err)
	}
	pods, err := k.pods.GetIndexer().ByIndex(byNode, name)
	if err != nil {
		return fmt.Errorf("list pods of node %s: %w", name, err)
	}
	for _, pod := range pods {
		k.enqueue(pod)
	}
	return nil
}
