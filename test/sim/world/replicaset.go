package world

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// revisionAnnotation is where the Deployment controller keeps the number.
const revisionAnnotation = "deployment.kubernetes.io/revision"

// number is a ReplicaSet's revision number.
func number(o metav1.Object) int64 {
	n, err := strconv.ParseInt(o.GetAnnotations()[revisionAnnotation], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// createReplicaSet makes the one for a Deployment's present template.
func (w *World) createReplicaSet(d *appsv1.Deployment, revision int64) *appsv1.ReplicaSet {
	hash := w.Template(d)
	short := hash[:10]
	labels := map[string]string{appLabel: d.Name, appsv1.DefaultDeploymentUniqueLabelKey: short}
	rs := &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Name: d.Name + "-" + short, Labels: labels, OwnerReferences: controlledBy("Deployment", d),
			Annotations: map[string]string{revisionAnnotation: strconv.FormatInt(revision, 10)},
		},
		Spec: appsv1.ReplicaSetSpec{
			Replicas: new(int32), MinReadySeconds: d.Spec.MinReadySeconds, Template: d.Spec.Template,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
		},
	}
	rs.Spec.Template.Labels = with(d.Spec.Template.Labels, appsv1.DefaultDeploymentUniqueLabelKey, short)
	w.Create(w.ReplicaSets, rs)
	w.hashes[rs.UID] = hash
	return rs
}

// scale asks a ReplicaSet for a number of pods.
func (w *World) scale(rs *appsv1.ReplicaSet, replicas int32) {
	if *rs.Spec.Replicas == replicas {
		return
	}
	next := *rs
	next.Spec.Replicas = &replicas
	w.Replace(w.ReplicaSets, &next)
}

func (w *World) removeReplicaSet(rs *appsv1.ReplicaSet) {
	w.Remove(w.ReplicaSets, rs)
	for _, p := range w.podsOf(rs) {
		w.Remove(w.Pods, p)
	}
}

// podsOf lists a ReplicaSet's pods, those on their way out as well.
func (w *World) podsOf(rs *appsv1.ReplicaSet) []*corev1.Pod {
	var out []*corev1.Pod
	each(w.Pods, func(p *corev1.Pod) {
		if isControlledBy(p, rs) {
			out = append(out, p)
		}
	})
	return out
}

func active(p *corev1.Pod) bool {
	return p.DeletionTimestamp == nil && p.Status.Phase != corev1.PodFailed
}

// syncReplicaSet is the ReplicaSet controller: it makes and deletes pods and
// writes the status.
func (w *World) syncReplicaSet(rs *appsv1.ReplicaSet) {
	var pods []*corev1.Pod
	for _, p := range w.podsOf(rs) {
		if active(p) {
			pods = append(pods, p)
		}
	}
	want := int(*rs.Spec.Replicas)
	for n := len(pods); n < want; n++ {
		w.createPod(rs)
	}
	if len(pods) > want {
		// Those that are not ready go first, then the youngest.
		slices.SortStableFunc(pods, func(a, b *corev1.Pod) int {
			return cmp.Or(cmp.Compare(b2i(isReady(a)), b2i(isReady(b))), b.CreationTimestamp.Compare(a.CreationTimestamp.Time))
		})
		for _, p := range pods[:len(pods)-want] {
			w.deletePod(p)
		}
	}
	status := appsv1.ReplicaSetStatus{ObservedGeneration: rs.Generation}
	for _, p := range w.podsOf(rs) {
		if !active(p) {
			continue
		}
		status.Replicas++
		status.FullyLabeledReplicas++
		if since, ready := readySince(p); ready {
			status.ReadyReplicas++
			if due := since.Add(time.Duration(rs.Spec.MinReadySeconds) * time.Second); !w.Clock.Now().Before(due) {
				status.AvailableReplicas++
			} else {
				name := rs.Labels[appLabel]
				w.Clock.After(due.Sub(w.Clock.Now()), func() { w.requeue(name) })
			}
		}
	}
	if !sameCounts(status, rs.Status) {
		next := *rs
		next.Status = status
		w.Replace(w.ReplicaSets, &next)
	}
}

func sameCounts(a, b appsv1.ReplicaSetStatus) bool {
	return a.Replicas == b.Replicas && a.ReadyReplicas == b.ReadyReplicas && a.AvailableReplicas == b.AvailableReplicas
}

func (w *World) createPod(rs *appsv1.ReplicaSet) {
	w.uids["name"]++
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: fmt.Sprintf("%s-%04d", rs.Name, w.uids["name"]), Labels: rs.Spec.Template.Labels,
			Annotations: rs.Spec.Template.Annotations, OwnerReferences: controlledBy("ReplicaSet", rs),
		},
		Spec:   rs.Spec.Template.Spec,
		Status: corev1.PodStatus{Phase: corev1.PodPending},
	}
	w.Create(w.Pods, p)
	w.birth(p, w.Template(rs))
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
