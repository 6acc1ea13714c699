package world

import (
	"reflect"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/undog-dev/undog/watcher/template"
)

// Shape is what a new Deployment looks like.
type Shape struct {
	Replicas int32
	Recreate bool
	Surge    int
	MaxDown  int
	History  int32
	Deadline time.Duration
	MinReady time.Duration
	Fate     Fate
}

// Deploy creates a Deployment.
func (w *World) Deploy(name string, s Shape) {
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{appLabel: name}, Generation: 1},
		Spec: appsv1.DeploymentSpec{
			Replicas: &s.Replicas, RevisionHistoryLimit: &s.History, MinReadySeconds: int32(s.MinReady / time.Second),
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{appLabel: name}},
			Template: w.template(name, s.Fate),
		},
	}
	seconds := int32(s.Deadline / time.Second)
	d.Spec.ProgressDeadlineSeconds = &seconds
	if s.Recreate {
		d.Spec.Strategy.Type = appsv1.RecreateDeploymentStrategyType
	} else {
		surge, down := intstr.FromInt(s.Surge), intstr.FromInt(s.MaxDown)
		d.Spec.Strategy = appsv1.DeploymentStrategy{
			Type:          appsv1.RollingUpdateDeploymentStrategyType,
			RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: &surge, MaxUnavailable: &down},
		}
	}
	w.Create(w.Deployments, d)
	w.rehash(d)
}

// Deployment is the one with a name, nil if there is none.
func (w *World) Deployment(name string) *appsv1.Deployment {
	d, _ := w.Deployments.Get(name).(*appsv1.Deployment)
	return d
}

// Edit changes a Deployment as anybody but its controller does: the generation
// rises with every change of spec or annotations. It returns what is there
// after, nil if there is no such Deployment.
func (w *World) Edit(name string, change func(d *appsv1.Deployment)) *appsv1.Deployment {
	old := w.Deployment(name)
	if old == nil {
		return nil
	}
	d := *old
	change(&d)
	if reflect.DeepEqual(d.Spec, old.Spec) && reflect.DeepEqual(d.Annotations, old.Annotations) {
		return old
	}
	d.Generation++
	w.rehash(&d)
	w.Replace(w.Deployments, &d)
	return &d
}

// rehash notes the hash of a Deployment's template.
func (w *World) rehash(d *appsv1.Deployment) { w.hashes[d.UID] = template.Hash(&d.Spec.Template) }

// Template is the hash of the template that a Deployment or a ReplicaSet has now.
func (w *World) Template(o metav1.Object) string { return w.hashes[o.GetUID()] }

// Delete removes a Deployment and everything that it owns.
func (w *World) Delete(name string) {
	d := w.Deployment(name)
	if d == nil {
		return
	}
	w.Remove(w.Deployments, d)
	each(w.ReplicaSets, func(rs *appsv1.ReplicaSet) {
		if isControlledBy(rs, d) {
			w.removeReplicaSet(rs)
		}
	})
	each(w.Records, func(cr *appsv1.ControllerRevision) {
		if isControlledBy(cr, d) {
			w.Remove(w.Records, cr)
		}
	})
}

// Owned lists a Deployment's ReplicaSets, sorted by name.
func (w *World) Owned(d *appsv1.Deployment) []*appsv1.ReplicaSet {
	var out []*appsv1.ReplicaSet
	each(w.ReplicaSets, func(rs *appsv1.ReplicaSet) {
		if isControlledBy(rs, d) {
			out = append(out, rs)
		}
	})
	return out
}
