package fleet

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Stage is how far a pod has come.
type Stage uint8

// The stages of a pod's life.
const (
	Pending Stage = iota
	Scheduled
	Running
	Ready
	// Unstartable is a container whose command does not exist.
	Unstartable
	Terminating
	// Crashed is a container that has just ended once more, BackOff one that is to
	// be started again. One that was is Running.
	Crashed
	BackOff
)

// Set makes the pods of one ReplicaSet.
type Set struct {
	spec   corev1.PodSpec
	image  string
	meta   metav1.ObjectMeta
	fields []metav1.ManagedFieldsEntry
}

// NewSet prepares the pods of a ReplicaSet.
func NewSet(rs *appsv1.ReplicaSet) *Set {
	s := &Set{spec: *rs.Spec.Template.Spec.DeepCopy(), image: digest(kindImage, hash(rs.Spec.Template.Spec.Containers[0].Image))}
	s.spec.ServiceAccountName, s.spec.DeprecatedServiceAccount = "default", "default"
	s.spec.EnableServiceLinks, s.spec.Priority = new(true), new(int32(0))
	s.spec.PreemptionPolicy = new(corev1.PreemptLowerPriority)
	const access = "kube-api-access-x7k2p"
	s.spec.Volumes = append(s.spec.Volumes, accessVolume(access))
	for i := range s.spec.Containers {
		c := &s.spec.Containers[i]
		c.VolumeMounts = append(c.VolumeMounts, corev1.VolumeMount{Name: access, ReadOnly: true, MountPath: "/var/run/secrets/kubernetes.io/serviceaccount"})
	}
	for _, key := range []string{"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"} {
		s.spec.Tolerations = append(s.spec.Tolerations, corev1.Toleration{
			Key: key, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: new(int64(300)),
		})
	}
	s.meta = metav1.ObjectMeta{
		Namespace: rs.Namespace, GenerateName: rs.Name + "-", Labels: rs.Spec.Template.Labels, Annotations: rs.Spec.Template.Annotations,
		OwnerReferences: controlledBy("ReplicaSet", rs.Name, rs.UID), Generation: 1,
	}
	ready := s.Object(&Pod{Stage: Ready, Number: 1, Node: 1})
	s.fields = []metav1.ManagedFieldsEntry{
		owned("pod", controllers, "", metav1.Time{}, "v1", func() any { return map[string]any{"metadata": s.meta, "spec": rs.Spec.Template.Spec} }),
		owned("pod status", "kubelet", "status", metav1.Time{}, "v1", func() any { return map[string]any{"status": ready.Status} }),
	}
	return s
}

func hash(s string) uint64 {
	var x uint64 = 14695981039346656037
	for i := range len(s) {
		x = (x ^ uint64(s[i])) * 1099511628211
	}
	return x
}

func accessVolume(name string) corev1.Volume {
	return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
		DefaultMode: new(int32(420)),
		Sources: []corev1.VolumeProjection{
			{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{ExpirationSeconds: new(int64(3607)), Path: "token"}},
			{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"}, Items: []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}}}},
			{DownwardAPI: &corev1.DownwardAPIProjection{Items: []corev1.DownwardAPIVolumeFile{
				{Path: "namespace", FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.namespace"}},
			}}},
		},
	}}}
}

// Pod is one as a few numbers. Times are Unix seconds.
type Pod struct {
	// Number tells it from all other pods, and names it.
	Number uint64
	// Node is a number below that of the nodes.
	Node  int
	Stage Stage
	// Started is when its containers ran, Turned when it last changed its stage.
	Created, Started, Turned int64
	// Restarts is how often its app was started again, Tried when that was last and
	// Ended when it last ended.
	Restarts     int32
	Tried, Ended int64
}

// UID is that of the pod.
func (p *Pod) UID() types.UID { return uid(kindPod, p.Number) }

// spread keeps the ends of names apart, as no factor of 27 to the fifth does.
const spread = 7_919_011

// Name is that of a pod of the set.
func (s *Set) Name(p *Pod) string { return s.meta.GenerateName + suffix(5, p.Number*spread) }

// Object is the pod as the API server has it. What it shares with other pods of
// its set must not be changed.
func (s *Set) Object(p *Pod) *corev1.Pod {
	o := &corev1.Pod{ObjectMeta: s.meta, Spec: s.spec}
	o.Name, o.UID, o.CreationTimestamp = s.Name(p), p.UID(), at(p.Created)
	o.ManagedFields = make([]metav1.ManagedFieldsEntry, 0, 2)
	for i, f := range s.fields {
		f.Time = new(at([]int64{p.Created, max(p.Created, p.Turned)}[i]))
		if i == 0 || p.Stage > Pending {
			o.ManagedFields = append(o.ManagedFields, f)
		}
	}
	if p.Stage == Terminating {
		o.DeletionTimestamp, o.DeletionGracePeriodSeconds = new(at(p.Turned+30)), new(int64(30))
	}
	if p.Stage > Pending {
		o.Spec.NodeName = NodeName(p.Node)
	}
	o.Status = s.status(p)
	return o
}

func (s *Set) status(p *Pod) corev1.PodStatus {
	status := corev1.PodStatus{Phase: corev1.PodPending, QOSClass: corev1.PodQOSBurstable}
	if p.Stage == Pending {
		return status
	}
	ready := p.Stage == Ready || p.Stage == Terminating
	scheduled := at(p.Created)
	status.Conditions = []corev1.PodCondition{
		condition("PodReadyToStartContainers", p.Stage > Scheduled, scheduled), condition(corev1.PodInitialized, true, scheduled),
		condition(corev1.PodReady, ready, at(max(p.Turned, p.Created))), condition(corev1.ContainersReady, ready, at(max(p.Turned, p.Created))),
		condition(corev1.PodScheduled, true, scheduled),
	}
	status.StartTime = &scheduled
	status.HostIP = fmt.Sprintf("10.%d.%d.1", p.Node>>8, p.Node&0xff)
	status.HostIPs = []corev1.HostIP{{IP: status.HostIP}}
	if p.Stage > Scheduled {
		status.Phase = corev1.PodRunning
		status.PodIP = fmt.Sprintf("172.%d.%d.%d", 16+p.Number>>16&0xf, p.Number>>8&0xff, p.Number&0xff)
		status.PodIPs = []corev1.PodIP{{IP: status.PodIP}}
	}
	status.ContainerStatuses = []corev1.ContainerStatus{s.container(p, 0), s.container(p, 1)}
	return status
}

func condition(kind corev1.PodConditionType, is bool, since metav1.Time) corev1.PodCondition {
	c := corev1.PodCondition{Type: kind, Status: corev1.ConditionFalse, LastTransitionTime: since, ObservedGeneration: 1}
	if is {
		c.Status = corev1.ConditionTrue
	} else if kind == corev1.PodReady || kind == corev1.ContainersReady {
		c.Reason, c.Message = "ContainersNotReady", "containers with unready status: [app]"
	}
	return c
}
