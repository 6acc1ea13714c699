package world

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// The annotations of the Deployment controller.
const (
	revisionAnnotation = "deployment.kubernetes.io/revision"
	desiredAnnotation  = "deployment.kubernetes.io/desired-replicas"
)

// rollout is a Deployment as its controller looks at it.
type rollout struct {
	w       *World
	d       *appsv1.Deployment
	current *appsv1.ReplicaSet
	// old is sorted by creation.
	old         []*appsv1.ReplicaSet
	surge, down int32
}

// reconcileDeployment is one round of the Deployment controller, as in
// k8s.io/kubernetes/pkg/controller/deployment.
func (w *World) reconcileDeployment(name string) {
	d, ok := w.Get(Deployments, name).(*appsv1.Deployment)
	if !ok {
		return
	}
	r := w.look(d)
	switch {
	case d.Spec.Paused, r.isScaling():
		r.scale()
		r.writeStatus()
	case d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType:
		r.recreate()
	default:
		r.roll()
	}
}

// look sorts the ReplicaSets into the current one and the old.
func (w *World) look(d *appsv1.Deployment) *rollout {
	r := &rollout{w: w, d: d}
	want := w.hash(d.UID, &d.Spec.Template)
	sets := ownedBy[*appsv1.ReplicaSet](w, ReplicaSets, d)
	slices.SortStableFunc(sets, func(a, b *appsv1.ReplicaSet) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	for _, rs := range sets {
		if r.current == nil && w.hash(rs.UID, &rs.Spec.Template) == want {
			r.current = rs
		} else {
			r.old = append(r.old, rs)
		}
	}
	if u := d.Spec.Strategy.RollingUpdate; u != nil {
		r.surge, r.down = resolve(u.MaxSurge, *d.Spec.Replicas, true), resolve(u.MaxUnavailable, *d.Spec.Replicas, false)
		if r.surge == 0 && r.down == 0 {
			r.down = 1
		}
	}
	return r
}

func resolve(v *intstr.IntOrString, replicas int32, up bool) int32 {
	n, err := intstr.GetScaledValueFromIntOrPercent(v, int(replicas), up)
	if err != nil {
		return 0
	}
	return int32(n)
}

func (r *rollout) replicas() int32 { return *r.d.Spec.Replicas }

func (r *rollout) all() []*appsv1.ReplicaSet {
	if r.current == nil {
		return r.old
	}
	return append(slices.Clone(r.old), r.current)
}

// asked is how many pods all ReplicaSets together are asked for.
func (r *rollout) asked() int32 {
	var n int32
	for _, rs := range r.all() {
		n += *rs.Spec.Replicas
	}
	return n
}

// roll is the rolling update.
func (r *rollout) roll() {
	r.ensureCurrent()
	if r.scaleCurrent() || r.scaleOld() {
		r.writeStatus()
		return
	}
	r.cleanUp()
	r.writeStatus()
}

// ensureCurrent makes the current ReplicaSet if there is none, and gives it
// the highest number.
func (r *rollout) ensureCurrent() {
	var highest int64
	for _, rs := range r.old {
		highest = max(highest, Number(rs))
	}
	switch {
	case r.current == nil:
		r.create(highest + 1)
	case Number(r.current) < highest+1:
		r.current = r.w.editReplicaSet(r.current, func(rs *appsv1.ReplicaSet) {
			rs.Annotations[revisionAnnotation] = strconv.FormatInt(highest+1, 10)
		})
	}
}

func (r *rollout) create(number int64) {
	d := r.d
	hash := r.w.hash(d.UID, &d.Spec.Template)
	labels := maps.Clone(d.Spec.Template.Labels)
	labels[appsv1.DefaultDeploymentUniqueLabelKey] = hash
	rs := &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Name: d.Name + "-" + hash, Labels: labels, OwnerReferences: controlledBy("Deployment", d), Generation: 1,
			Annotations: map[string]string{revisionAnnotation: strconv.FormatInt(number, 10)},
		},
		Spec: appsv1.ReplicaSetSpec{
			Replicas: new(r.newSize(0)), MinReadySeconds: d.Spec.MinReadySeconds, Template: *d.Spec.Template.DeepCopy(),
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{
				"app": d.Labels["app"], appsv1.DefaultDeploymentUniqueLabelKey: hash,
			}},
		},
	}
	rs.Annotations[desiredAnnotation] = strconv.Itoa(int(r.replicas()))
	rs.Spec.Template.Labels = labels
	r.w.Create(ReplicaSets, rs)
	r.current = rs
	r.setCondition(appsv1.DeploymentProgressing, corev1.ConditionTrue, "NewReplicaSetCreated", "Created new replica set \""+rs.Name+"\"")
}

// newSize is what the current ReplicaSet may grow to now.
func (r *rollout) newSize(have int32) int32 {
	if r.d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType {
		return r.replicas()
	}
	room := r.replicas() + r.surge - r.asked()
	return have + max(0, min(room, r.replicas()-have))
}

// scaleCurrent moves the current ReplicaSet towards its size, and tells
// whether it did.
func (r *rollout) scaleCurrent() bool {
	have := *r.current.Spec.Replicas
	if have > r.replicas() {
		return r.size(r.current, r.replicas())
	}
	return r.size(r.current, r.newSize(have))
}

// scaleOld takes pods from old ReplicaSets, those that are of no use first.
func (r *rollout) scaleOld() bool {
	least := r.replicas() - r.down
	budget := r.asked() - least - (*r.current.Spec.Replicas - r.current.Status.AvailableReplicas)
	if budget <= 0 {
		return false
	}
	available := r.current.Status.AvailableReplicas
	sizes := make([]int32, len(r.old))
	for i, rs := range r.old {
		sizes[i] = *rs.Spec.Replicas
		useless := min(max(sizes[i]-rs.Status.AvailableReplicas, 0), budget)
		sizes[i] -= useless
		budget -= useless
		available += rs.Status.AvailableReplicas
	}
	surplus := available - least
	for i := range r.old {
		n := max(0, min(sizes[i], surplus))
		sizes[i] -= n
		surplus -= n
	}
	changed := false
	for i, rs := range r.old {
		changed = r.size(rs, sizes[i]) || changed
	}
	return changed
}

// recreate removes everything old before anything new is made.
func (r *rollout) recreate() {
	for _, rs := range r.old {
		r.size(rs, 0)
	}
	for _, rs := range r.old {
		if slices.ContainsFunc(ownedBy[*corev1.Pod](r.w, Pods, rs), func(p *corev1.Pod) bool { return !finished(p) }) {
			r.writeStatus()
			return
		}
	}
	r.ensureCurrent()
	r.size(r.current, r.replicas())
	r.cleanUp()
	r.writeStatus()
}

// cleanUp keeps revisionHistoryLimit old ReplicaSets once the rollout is complete.
func (r *rollout) cleanUp() {
	if !r.complete(r.status()) {
		return
	}
	var idle []*appsv1.ReplicaSet
	for _, rs := range r.old {
		if *rs.Spec.Replicas == 0 && rs.Status.Replicas == 0 && rs.Status.ObservedGeneration >= rs.Generation {
			idle = append(idle, rs)
		}
	}
	slices.SortStableFunc(idle, func(a, b *appsv1.ReplicaSet) int { return cmp.Compare(Number(a), Number(b)) })
	for _, rs := range idle[:max(0, len(idle)-int(*r.d.Spec.RevisionHistoryLimit))] {
		r.w.removeReplicaSet(rs)
	}
}

// size asks a ReplicaSet for a number of pods and tells whether that is new.
func (r *rollout) size(rs *appsv1.ReplicaSet, replicas int32) bool {
	desired := strconv.Itoa(int(r.replicas()))
	if *rs.Spec.Replicas == replicas && rs.Annotations[desiredAnnotation] == desired {
		return false
	}
	changed := *rs.Spec.Replicas != replicas
	next := r.w.editReplicaSet(rs, func(rs *appsv1.ReplicaSet) {
		rs.Spec.Replicas = &replicas
		rs.Annotations[desiredAnnotation] = desired
	})
	if rs == r.current {
		r.current = next
	} else if i := slices.Index(r.old, rs); i >= 0 {
		r.old[i] = next
	}
	return changed
}

// Number is a revision's number.
func Number(o metav1.Object) int64 {
	n, err := strconv.ParseInt(o.GetAnnotations()[revisionAnnotation], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// hash is the hash of a template that an object holds.
func (w *World) hash(owner types.UID, t *corev1.PodTemplateSpec) string {
	if known, ok := w.hashes[owner]; ok && known.of == &t.Spec.Containers[0] {
		return known.hash
	}
	h := templateHash(t)
	w.hashes[owner] = hashed{of: &t.Spec.Containers[0], hash: h}
	return h
}

// hashed is a hash and what it was made of: a template that was replaced has
// other containers.
type hashed struct {
	of   *corev1.Container
	hash string
}

// ReplicaSetsOf is the one of a Deployment's present template, nil if there is
// none yet, and the others.
func (w *World) ReplicaSetsOf(d *appsv1.Deployment) (current *appsv1.ReplicaSet, old []*appsv1.ReplicaSet) {
	r := w.look(d)
	return r.current, r.old
}

// PodsOf is the pods of a ReplicaSet, in order of creation.
func (w *World) PodsOf(rs *appsv1.ReplicaSet) []*corev1.Pod { return ownedBy[*corev1.Pod](w, Pods, rs) }
