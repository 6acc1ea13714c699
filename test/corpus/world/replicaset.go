package world

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The first and the longest wait of the ReplicaSet controller after it could
// not make a pod.
const (
	retryLeast = 5 * time.Millisecond
	retryMost  = 1000 * time.Second
)

// editReplicaSet changes a ReplicaSet; its generation rises with its spec.
func (w *World) editReplicaSet(old *appsv1.ReplicaSet, change func(rs *appsv1.ReplicaSet)) *appsv1.ReplicaSet {
	next := *old
	next.Annotations = maps.Clone(old.Annotations)
	change(&next)
	if *next.Spec.Replicas != *old.Spec.Replicas {
		next.Generation++
	}
	w.Replace(ReplicaSets, &next)
	return &next
}

// removeReplicaSet deletes a ReplicaSet, and the garbage collector its pods.
func (w *World) removeReplicaSet(rs *appsv1.ReplicaSet) {
	pods := ownedBy[*corev1.Pod](w, Pods, rs)
	w.Remove(ReplicaSets, rs)
	for _, p := range pods {
		w.deletePod(p)
	}
}

// reconcileReplicaSet is one round of the ReplicaSet controller.
func (w *World) reconcileReplicaSet(name string) {
	rs, ok := w.Get(ReplicaSets, name).(*appsv1.ReplicaSet)
	if !ok {
		return
	}
	var live []*corev1.Pod
	for _, p := range ownedBy[*corev1.Pod](w, Pods, rs) {
		if p.DeletionTimestamp == nil && !finished(p) {
			live = append(live, p)
		}
	}
	refused := ""
	switch diff := int(*rs.Spec.Replicas) - len(live); {
	case diff > 0:
		refused = w.makePods(rs, diff)
	case diff < 0:
		for _, p := range leastWorth(live)[:-diff] {
			w.deletePod(p)
		}
	}
	w.retry(rs, refused != "")
	w.writeReplicaSetStatus(rs, refused)
}

// makePods makes pods until one is refused, and returns why.
func (w *World) makePods(rs *appsv1.ReplicaSet, n int) (refused string) {
	for range n {
		p := w.newPod(rs)
		if refused = w.admission.refuse(w, p); refused != "" {
			w.record(rs, corev1.EventTypeWarning, "FailedCreate", "Error creating: "+refused, "replicaset-controller", "")
			return refused
		}
		w.created[rs.UID]++
		w.Create(Pods, p)
		w.cast.Admit(p)
		w.record(rs, corev1.EventTypeNormal, "SuccessfulCreate", "Created pod: "+p.Name, "replicaset-controller", "")
		name := p.Name
		w.Clock.After(w.between(5*time.Millisecond, 150*time.Millisecond), func() { w.schedule(name) })
	}
	return ""
}

// retry asks for another round when a pod was refused, later each time.
func (w *World) retry(rs *appsv1.ReplicaSet, refused bool) {
	if !refused {
		delete(w.admission.waits, rs.UID)
		return
	}
	wait := min(max(2*w.admission.waits[rs.UID], retryLeast), retryMost)
	w.admission.waits[rs.UID] = wait
	w.Clock.After(wait, func() { w.queue("replicaset", rs.Name, w.reconcileReplicaSet) })
}

const letters = "bcdfghjklmnpqrstvwxz2456789"

// suffix makes the end of a pod's name as Kubernetes does.
func suffix(r *rand.Rand) string {
	b := make([]byte, 5)
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
	}
	return string(b)
}

func (w *World) newPod(rs *appsv1.ReplicaSet) *corev1.Pod {
	name := rs.Name + "-" + suffix(w.rand)
	for w.Get(Pods, name) != nil {
		name = rs.Name + "-" + suffix(w.rand)
	}
	t := &rs.Spec.Template
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: Namespace, Labels: t.Labels, Annotations: t.Annotations, Generation: 1,
			OwnerReferences: controlledBy("ReplicaSet", rs),
		},
		Spec:   t.Spec,
		Status: corev1.PodStatus{Phase: corev1.PodPending, QOSClass: corev1.PodQOSBestEffort},
	}
}

// leastWorth sorts pods by how readily the controller parts with them.
func leastWorth(pods []*corev1.Pod) []*corev1.Pod {
	slices.SortStableFunc(pods, func(a, b *corev1.Pod) int {
		return cmp.Or(
			cmp.Compare(b2i(a.Spec.NodeName != ""), b2i(b.Spec.NodeName != "")),
			cmp.Compare(b2i(a.Status.Phase == corev1.PodRunning), b2i(b.Status.Phase == corev1.PodRunning)),
			cmp.Compare(b2i(IsReady(a)), b2i(IsReady(b))),
			cmp.Compare(restarts(b), restarts(a)),
			b.CreationTimestamp.Compare(a.CreationTimestamp.Time),
		)
	})
	return pods
}

func restarts(p *corev1.Pod) int32 {
	var most int32
	for _, c := range p.Status.ContainerStatuses {
		most = max(most, c.RestartCount)
	}
	return most
}

// writeReplicaSetStatus counts the pods. The message of a failure stays that
// of the first.
func (w *World) writeReplicaSetStatus(rs *appsv1.ReplicaSet, refused string) {
	s := appsv1.ReplicaSetStatus{ObservedGeneration: rs.Generation, TerminatingReplicas: new(int32)}
	for _, p := range ownedBy[*corev1.Pod](w, Pods, rs) {
		switch {
		case finished(p):
			continue
		case p.DeletionTimestamp != nil:
			*s.TerminatingReplicas++
			continue
		}
		s.Replicas++
		s.FullyLabeledReplicas++
		w.countReady(rs, p, &s)
	}
	switch old := replicaSetFailure(rs); {
	case refused != "" && old != nil:
		s.Conditions = []appsv1.ReplicaSetCondition{*old}
	case refused != "":
		s.Conditions = []appsv1.ReplicaSetCondition{{
			Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate",
			Message: refused, LastTransitionTime: w.now(),
		}}
	}
	last, ok := w.Get(ReplicaSets, rs.Name).(*appsv1.ReplicaSet)
	if !ok || reflect.DeepEqual(s, last.Status) {
		return
	}
	next := *last
	next.Status = s
	w.Replace(ReplicaSets, &next)
}

func (w *World) countReady(rs *appsv1.ReplicaSet, p *corev1.Pod, s *appsv1.ReplicaSetStatus) {
	since, ready := readySince(p)
	if !ready {
		return
	}
	s.ReadyReplicas++
	due := since.Add(time.Duration(rs.Spec.MinReadySeconds) * time.Second)
	if now := w.Clock.Now(); now.Before(due) {
		w.Clock.After(due.Sub(now), func() { w.queue("replicaset", rs.Name, w.reconcileReplicaSet) })
		return
	}
	s.AvailableReplicas++
}

func replicaSetFailure(rs *appsv1.ReplicaSet) *appsv1.ReplicaSetCondition {
	for i := range rs.Status.Conditions {
		if rs.Status.Conditions[i].Type == appsv1.ReplicaSetReplicaFailure {
			return &rs.Status.Conditions[i]
		}
	}
	return nil
}

// Created is how many pods a ReplicaSet ever made.
func (w *World) Created(rs *appsv1.ReplicaSet) int { return w.created[rs.UID] }

func finished(p *corev1.Pod) bool {
	return p.Status.Phase == corev1.PodFailed || p.Status.Phase == corev1.PodSucceeded
}

// IsReady tells whether a pod's condition Ready is true.
func IsReady(p *corev1.Pod) bool {
	_, ready := readySince(p)
	return ready
}

func readySince(p *corev1.Pod) (time.Time, bool) {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.LastTransitionTime.Time, c.Status == corev1.ConditionTrue
		}
	}
	return time.Time{}, false
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
