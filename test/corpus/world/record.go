package world

import (
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The spam filter of client-go's recorder: so many events about one object at
// once, and then one in so long.
const (
	eventBurst  = 25
	eventRefill = 300 * time.Second
)

// record writes an Event, or raises the count of one that says the same. What
// the recorder's filter would drop is dropped.
func (w *World) record(about metav1.Object, kind, reason, message, component, path string) {
	name := about.GetName() + "." + strconv.FormatUint(hashText(reason, message, path), 36)
	now := w.now()
	if old, ok := w.Get(Events, name).(*corev1.Event); ok {
		if old.Count >= eventBurst && now.Sub(old.LastTimestamp.Time) < eventRefill {
			return
		}
		next := *old
		next.Count, next.LastTimestamp = old.Count+1, now
		w.Replace(Events, &next)
		return
	}
	ref := corev1.ObjectReference{
		Kind: "Pod", APIVersion: "v1", Namespace: Namespace, Name: about.GetName(), UID: about.GetUID(),
		ResourceVersion: about.GetResourceVersion(), FieldPath: path,
	}
	switch about.(type) {
	case *appsv1.ReplicaSet:
		ref.Kind, ref.APIVersion = "ReplicaSet", "apps/v1"
	case *appsv1.Deployment:
		ref.Kind, ref.APIVersion = "Deployment", "apps/v1"
	}
	w.Create(Events, &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{Name: name}, InvolvedObject: ref, Type: kind, Reason: reason, Message: message,
		Source: corev1.EventSource{Component: component}, FirstTimestamp: now, LastTimestamp: now, Count: 1,
	})
}

// hashText is FNV-1a.
func hashText(parts ...string) uint64 {
	h := uint64(14695981039346656037)
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211
	}
	return h
}
