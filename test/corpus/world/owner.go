package world

import (
	"maps"
	"reflect"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/undog-dev/undog/test/script"
)

// Kubectl is the field manager of kubectl apply.
const Kubectl = "kubectl-client-side-apply"

// Shape is what a new Deployment looks like.
type Shape struct {
	Name        string
	Replicas    int32
	Recreate    bool
	Surge, Down intstr.IntOrString
	MinReady    time.Duration
	Deadline    time.Duration
	History     int32
	Annotations map[string]string
	Template    *corev1.PodTemplateSpec
	By          string
}

// Deploy creates a Deployment.
func (w *World) Deploy(s Shape) {
	labels := map[string]string{"app": s.Name}
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: s.Name, Labels: labels, Annotations: maps.Clone(s.Annotations), Generation: 1},
		Spec: appsv1.DeploymentSpec{
			Replicas: &s.Replicas, RevisionHistoryLimit: &s.History, MinReadySeconds: int32(s.MinReady / time.Second),
			ProgressDeadlineSeconds: new(int32(s.Deadline / time.Second)),
			Selector:                &metav1.LabelSelector{MatchLabels: labels}, Template: *s.Template,
			Strategy: appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType},
		},
	}
	if !s.Recreate {
		d.Spec.Strategy = appsv1.DeploymentStrategy{
			Type:          appsv1.RollingUpdateDeploymentStrategyType,
			RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: &s.Surge, MaxUnavailable: &s.Down},
		}
	}
	if d.Annotations == nil {
		d.Annotations = map[string]string{}
	}
	w.managed(d, s.By)
	w.Create(Deployments, d)
}

// managed notes who wrote a Deployment's template.
func (w *World) managed(d *appsv1.Deployment, by string) {
	const fields = `{"f:spec":{"f:template":{"f:metadata":{"f:labels":{"f:app.kubernetes.io/version":{}}},` +
		`"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{".":{},"f:image":{},"f:name":{}}}}}}}`
	at := w.now()
	entry := metav1.ManagedFieldsEntry{
		Manager: or(by, Kubectl), Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "apps/v1", Time: &at,
		FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(fields),
	}
	d.ManagedFields = append(slices.DeleteFunc(slices.Clone(d.ManagedFields), func(e metav1.ManagedFieldsEntry) bool {
		return e.Manager == entry.Manager
	}), entry)
}

// Edit changes a Deployment as anybody but its controller does: the generation
// rises with every change of spec or annotations. It returns what is there
// after, nil if there is no such Deployment.
func (w *World) Edit(name, by string, change func(d *appsv1.Deployment)) *appsv1.Deployment {
	old, ok := w.Get(Deployments, name).(*appsv1.Deployment)
	if !ok {
		return nil
	}
	d := *old
	d.Annotations = maps.Clone(old.Annotations)
	change(&d)
	if reflect.DeepEqual(d.Spec, old.Spec) && reflect.DeepEqual(d.Annotations, old.Annotations) {
		return old
	}
	d.Generation++
	if !reflect.DeepEqual(d.Spec.Template, old.Spec.Template) {
		w.managed(&d, by)
	}
	w.Replace(Deployments, &d)
	return &d
}

// Apply sets a template.
func (w *World) Apply(name, by string, t *corev1.PodTemplateSpec) {
	w.Edit(name, by, func(d *appsv1.Deployment) { d.Spec.Template = *t })
}

// Restart is kubectl rollout restart.
func (w *World) Restart(name string) {
	w.Edit(name, "kubectl-rollout", func(d *appsv1.Deployment) {
		t := d.Spec.Template.DeepCopy()
		t.Annotations = maps.Clone(t.Annotations)
		if t.Annotations == nil {
			t.Annotations = map[string]string{}
		}
		t.Annotations["kubectl.kubernetes.io/restartedAt"] = w.Clock.Now().Format(time.RFC3339)
		d.Spec.Template = *t
	})
}

// Undo is kubectl rollout undo: back to the ReplicaSet with the number before.
func (w *World) Undo(name string) {
	d, ok := w.Get(Deployments, name).(*appsv1.Deployment)
	if !ok || d.Spec.Paused {
		return
	}
	var last *appsv1.ReplicaSet
	for _, rs := range w.look(d).old {
		if last == nil || Number(rs) > Number(last) {
			last = rs
		}
	}
	if last != nil {
		t := last.Spec.Template.DeepCopy()
		delete(t.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
		w.Apply(name, "kubectl-rollout", t)
	}
}

// Scale asks for a number of pods.
func (w *World) Scale(name string, replicas int32) {
	w.Edit(name, "kubectl", func(d *appsv1.Deployment) { d.Spec.Replicas = &replicas })
}

// Pause stops the rollout where it stands, or lets it go on.
func (w *World) Pause(name string, paused bool) {
	w.Edit(name, "kubectl", func(d *appsv1.Deployment) { d.Spec.Paused = paused })
}

// Annotate sets annotations.
func (w *World) Annotate(name string, annotations map[string]string) {
	w.Edit(name, "kubectl-annotate", func(d *appsv1.Deployment) { maps.Copy(d.Annotations, annotations) })
}

// Delete removes a Deployment and everything that it owns.
func (w *World) Delete(name string) {
	d, ok := w.Get(Deployments, name).(*appsv1.Deployment)
	if !ok {
		return
	}
	sets, records := ownedBy[*appsv1.ReplicaSet](w, ReplicaSets, d), ownedBy[*appsv1.ControllerRevision](w, ControllerRevisions, d)
	w.Remove(Deployments, d)
	for _, rs := range sets {
		w.removeReplicaSet(rs)
	}
	for _, cr := range records {
		w.Remove(ControllerRevisions, cr)
	}
}

// Play adds a script: containers of pods that begin from now on play it.
func (w *World) Play(s *script.Script) { w.cast.Add(s) }

// SetConfigMap creates or changes a ConfigMap.
func (w *World) SetConfigMap(name string, data map[string]string, by string) {
	at := w.now()
	next := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: data}
	old, known := w.Get(ConfigMaps, name).(*corev1.ConfigMap)
	if known {
		next.ObjectMeta = *old.ObjectMeta.DeepCopy()
	}
	if known && reflect.DeepEqual(old.Data, data) {
		return
	}
	next.ManagedFields = []metav1.ManagedFieldsEntry{{
		Manager: or(by, Kubectl), Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "v1", Time: &at,
		FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(`{"f:data":{".":{}}}`),
	}}
	if known {
		w.Replace(ConfigMaps, next)
	} else {
		w.Create(ConfigMaps, next)
	}
}

// SetSecret creates or changes a Secret.
func (w *World) SetSecret(name string, data map[string]string) {
	next := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string][]byte{}}
	for k, v := range data {
		next.Data[k] = []byte(v)
	}
	if old, known := w.Get(Secrets, name).(*corev1.Secret); known {
		next.ObjectMeta = old.ObjectMeta
		w.Replace(Secrets, next)
	} else {
		w.Create(Secrets, next)
	}
}

// AddServiceAccount creates a ServiceAccount.
func (w *World) AddServiceAccount(name string) {
	w.Create(ServiceAccounts, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name}})
}

// Drop deletes an object.
func (w *World) Drop(resource, name string) {
	if o := w.Get(resource, name); o != nil {
		w.Remove(resource, o)
	}
}

// Quota leaves room for so many more pods than there are; nil lifts it.
func (w *World) Quota(free *int) {
	w.admission.quota = nil
	if free == nil {
		return
	}
	n := *free
	for _, p := range all[*corev1.Pod](w, Pods) {
		if !finished(p) {
			n++
		}
	}
	w.admission.quota = &n
}

// Webhook is what the admission webhook for pods does: down, deny, or up.
func (w *World) Webhook(does string) { w.admission.webhook = does }

// PodSecurity is the standard that the namespace enforces.
func (w *World) PodSecurity(level string) { w.admission.level = level }

// DisruptPods takes pods of a Deployment away, the youngest first; 0 means all.
func (w *World) DisruptPods(name, revision, reason string, n int) {
	var found []*corev1.Pod
	for _, p := range all[*corev1.Pod](w, Pods) {
		if p.Labels["app"] == name && p.DeletionTimestamp == nil && (revision == "" || RevisionOf(p) == revision) {
			found = append(found, p)
		}
	}
	slices.SortStableFunc(found, func(a, b *corev1.Pod) int { return b.CreationTimestamp.Compare(a.CreationTimestamp.Time) })
	for i, p := range found {
		if n == 0 || i < n {
			w.Disrupt(p, reason)
		}
	}
}
