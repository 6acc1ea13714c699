package fleet

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ConfigMap is the metadata of the one that the Deployment's pods read.
func (d *Deployment) ConfigMap(created int64) *metav1.PartialObjectMetadata {
	o := &metav1.PartialObjectMetadata{
		TypeMeta: metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "PartialObjectMetadata"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: d.Namespace, Name: d.configMap(), UID: uid(kindConfigMap, uint64(d.Index)), CreationTimestamp: at(created),
			Labels: d.labels(),
		},
	}
	o.ManagedFields = []metav1.ManagedFieldsEntry{owned("config map", "kubectl-client-side-apply", "", o.CreationTimestamp, "v1", func() any {
		return map[string]any{"data": map[string]string{"config.yaml": ""}, "metadata": map[string]any{"labels": o.Labels}}
	})}
	return o
}

// NodeName is the name of the i-th node.
func NodeName(i int) string { return fmt.Sprintf("node-%04d.example.internal", i) }

// Node is the i-th node, ready since a time in Unix seconds.
func Node(i int, since int64) *corev1.Node {
	room := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("16"), corev1.ResourceMemory: resource.MustParse("64Gi"),
		corev1.ResourcePods: resource.MustParse("110"), corev1.ResourceEphemeralStorage: resource.MustParse("200Gi"),
	}
	o := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name: NodeName(i), UID: uid(kindNode, uint64(i)), CreationTimestamp: at(since), //nolint:gosec // never below zero
			Labels: map[string]string{
				"kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux", "kubernetes.io/hostname": NodeName(i),
				"topology.kubernetes.io/zone": fmt.Sprintf("zone-%d", i%3), "node.kubernetes.io/instance-type": "m.4xlarge",
			},
			Annotations: map[string]string{"node.alpha.kubernetes.io/ttl": "0", "volumes.kubernetes.io/controller-managed-attach-detach": "true"},
		},
		Spec: corev1.NodeSpec{PodCIDR: fmt.Sprintf("172.%d.%d.0/24", 16+i>>8, i&0xff), ProviderID: "example://" + NodeName(i)},
		Status: corev1.NodeStatus{
			Capacity: room, Allocatable: room,
			Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: fmt.Sprintf("10.%d.%d.1", i>>8, i&0xff)}, {Type: corev1.NodeHostName, Address: NodeName(i)}},
			NodeInfo: corev1.NodeSystemInfo{
				KernelVersion: "6.12.0", OSImage: "Example Linux", ContainerRuntimeVersion: "containerd://2.1.4", KubeletVersion: "v1.37.2",
				OperatingSystem: "linux", Architecture: "amd64", MachineID: digest(kindNode, uint64(i))[:32], //nolint:gosec // never below zero
			},
		},
	}
	for _, kind := range []corev1.NodeConditionType{corev1.NodeMemoryPressure, corev1.NodeDiskPressure, corev1.NodePIDPressure, corev1.NodeReady} {
		c := corev1.NodeCondition{Type: kind, Status: corev1.ConditionFalse, Reason: "KubeletHasSufficient", Message: "kubelet has sufficient", LastHeartbeatTime: at(since), LastTransitionTime: at(since)}
		if kind == corev1.NodeReady {
			c.Status, c.Reason, c.Message = corev1.ConditionTrue, "KubeletReady", "kubelet is posting ready status"
		}
		o.Status.Conditions = append(o.Status.Conditions, c)
	}
	for n := range 40 {
		o.Status.Images = append(o.Status.Images, corev1.ContainerImage{
			Names:     []string{fmt.Sprintf("registry.example.com/platform/image-%d@sha256:%s", n, digest(kindImage, uint64(n))), fmt.Sprintf("registry.example.com/platform/image-%d:v1", n)}, //nolint:gosec // never below zero
			SizeBytes: 100 << 20,
		})
	}
	o.ManagedFields = []metav1.ManagedFieldsEntry{owned("node", "kubelet", "status", o.CreationTimestamp, "v1", func() any { return map[string]any{"status": o.Status} })}
	return o
}
