package world

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// Push rolls out a new template with a fate.
func (w *World) Push(name string, fate Fate) {
	if w.Deployment(name) == nil {
		return
	}
	t := w.template(name, fate)
	w.Edit(name, func(d *appsv1.Deployment) { d.Spec.Template = t })
}

// Restart is kubectl rollout restart.
func (w *World) Restart(name string) {
	w.Edit(name, func(d *appsv1.Deployment) { d.Spec.Template = w.restarted(d.Spec.Template) })
}

// Undo is kubectl rollout undo: back to the ReplicaSet with the number before.
// It tells whether there was one.
func (w *World) Undo(name string) bool {
	d := w.Deployment(name)
	if d == nil {
		return false
	}
	r := w.look(d)
	if len(r.old) == 0 || d.Spec.Paused {
		return false
	}
	w.Apply(name, r.old[len(r.old)-1].Spec.Template)
	return true
}

// Apply sets a template that was there before, as kubectl apply or a GitOps
// controller does.
func (w *World) Apply(name string, t corev1.PodTemplateSpec) {
	t.Labels = without(t.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	w.Edit(name, func(d *appsv1.Deployment) { d.Spec.Template = t })
}

// Scale asks for a number of pods.
func (w *World) Scale(name string, replicas int32) {
	w.Edit(name, func(d *appsv1.Deployment) { d.Spec.Replicas = &replicas })
}

// Pause stops the rollout where it stands, or lets it go on. Whoever lets it
// go on does not know of marks that others left.
func (w *World) Pause(name string, paused bool) {
	w.Edit(name, func(d *appsv1.Deployment) { d.Spec.Paused = paused })
}

// Annotate sets an annotation, or removes it if the value is "".
func (w *World) Annotate(name, key, value string) {
	w.Edit(name, func(d *appsv1.Deployment) {
		if value == "" {
			d.Annotations = without(d.Annotations, key)
		} else {
			d.Annotations = with(d.Annotations, key, value)
		}
	})
}

// Touch changes an annotation that means nothing to anybody.
func (w *World) Touch(name string) {
	w.uids["touch"]++
	w.Annotate(name, "example.com/note", fmt.Sprint(w.uids["touch"]))
}

// Drain evicts the Deployment's pods from one node.
func (w *World) Drain(name string) {
	d := w.Deployment(name)
	if d == nil {
		return
	}
	node := fmt.Sprintf("node-%d", w.Rand.IntN(nodes))
	for _, rs := range w.Owned(d) {
		for _, p := range w.podsOf(rs) {
			if p.Spec.NodeName == node && active(p) {
				w.evict(p)
			}
		}
	}
}
