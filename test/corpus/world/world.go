package world

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/undog-dev/undog/test/script"
	"github.com/undog-dev/undog/test/script/stage"
	"github.com/undog-dev/undog/test/sim/world"
)

// Namespace is where everything is.
const Namespace = "shop"

// The resources that there are.
const (
	Deployments         = "deployments"
	ReplicaSets         = "replicasets"
	Pods                = "pods"
	ControllerRevisions = "controllerrevisions"
	ConfigMaps          = "configmaps"
	Secrets             = "secrets"
	ServiceAccounts     = "serviceaccounts"
	Nodes               = "nodes"
	Events              = "events"
)

// Resources lists them, owners before what they own.
var Resources = []string{Nodes, Deployments, ReplicaSets, Pods, ControllerRevisions, ConfigMaps, Secrets, ServiceAccounts, Events}

// Change is what happened to an object.
type Change struct {
	Resource string
	Object   metav1.Object
	Deleted  bool
}

// World is a cluster. It belongs to one goroutine.
type World struct {
	Clock *world.Clock
	// Changed, if set, is told of every change.
	Changed func(c Change)

	rand      *rand.Rand
	tables    map[string]*table
	version   int64
	names     int
	queued    map[string]bool
	cast      *stage.Casting
	scheduler *stage.Scheduler
	kubelets  map[string]*kubelet
	lives     map[types.UID]*life
	admission admission
	// away is what applications depend on and is not there.
	away map[string]bool
	// created counts the pods of each ReplicaSet, by UID.
	created map[types.UID]int
	// hashes remembers templates' hashes by the object that holds them.
	hashes map[types.UID]hashed
}

// New returns a cluster without nodes whose pods play the script.
func New(clock *world.Clock, seed uint64, s *script.Script) *World {
	w := &World{
		Clock: clock, rand: rand.New(rand.NewPCG(seed, 2)), tables: map[string]*table{},
		queued: map[string]bool{}, cast: stage.NewCasting(s), kubelets: map[string]*kubelet{},
		lives: map[types.UID]*life{}, away: map[string]bool{}, created: map[types.UID]int{}, hashes: map[types.UID]hashed{},
	}
	for _, r := range Resources {
		w.tables[r] = newTable()
	}
	w.scheduler = stage.NewScheduler(func() []*corev1.Node { return all[*corev1.Node](w, Nodes) })
	return w
}

// Get is the object with a name, nil if there is none.
func (w *World) Get(resource, name string) metav1.Object {
	if t := w.tables[resource]; t != nil {
		if o, ok := t.objects[name]; ok {
			return o
		}
	}
	return nil
}

// List is every object of a resource, sorted by name; false if there is no such resource.
func (w *World) List(resource string) ([]metav1.Object, bool) {
	t := w.tables[resource]
	if t == nil {
		return nil, false
	}
	out := make([]metav1.Object, 0, len(t.names))
	for _, n := range t.names {
		out = append(out, t.objects[n])
	}
	return out, true
}

// all is every object of a resource, as what it is.
func all[T metav1.Object](w *World, resource string) []T {
	t := w.tables[resource]
	out := make([]T, 0, len(t.names))
	for _, n := range t.names {
		if o, ok := t.objects[n].(T); ok {
			out = append(out, o)
		}
	}
	return out
}

// Create takes in a new object; its name must be free.
func (w *World) Create(resource string, o metav1.Object) {
	w.names++
	if resource != Nodes {
		o.SetNamespace(Namespace)
	}
	o.SetUID(types.UID(fmt.Sprintf("%s-%05d", resource[:3], w.names)))
	o.SetCreationTimestamp(w.now())
	w.Replace(resource, o)
}

// Replace puts an object in the place of the one of its name.
func (w *World) Replace(resource string, o metav1.Object) {
	w.version++
	o.SetResourceVersion(strconv.FormatInt(w.version, 10))
	w.tables[resource].put(o)
	w.noted(Change{Resource: resource, Object: o})
}

// Remove takes an object out at once.
func (w *World) Remove(resource string, o metav1.Object) {
	w.version++
	w.tables[resource].remove(o)
	w.noted(Change{Resource: resource, Object: o, Deleted: true})
}

// noted tells whoever has to look at a change.
func (w *World) noted(c Change) {
	switch o := c.Object.(type) {
	case *appsv1.Deployment:
		w.queue("deployment", o.Name, w.reconcileDeployment)
	case *appsv1.ReplicaSet:
		w.queueOwner(o)
		w.queue("replicaset", o.Name, w.reconcileReplicaSet)
	case *corev1.Pod:
		if ref := metav1.GetControllerOfNoCopy(o); ref != nil {
			w.queue("replicaset", ref.Name, w.reconcileReplicaSet)
			if c.Deleted {
				w.queueGrandparent(ref.Name)
			}
		}
	}
	if w.Changed != nil {
		w.Changed(c)
	}
}

func (w *World) queueOwner(o metav1.Object) {
	if ref := metav1.GetControllerOfNoCopy(o); ref != nil {
		w.queue("deployment", ref.Name, w.reconcileDeployment)
	}
}

// queueGrandparent has the Deployment looked at: a strategy that recreates
// waits for pods to go.
func (w *World) queueGrandparent(replicaSet string) {
	if rs, ok := w.Get(ReplicaSets, replicaSet).(*appsv1.ReplicaSet); ok {
		w.queueOwner(rs)
	}
}

// queue asks a controller to look at an object soon.
func (w *World) queue(kind, name string, reconcile func(name string)) {
	key := kind + "/" + name
	if w.queued[key] {
		return
	}
	w.queued[key] = true
	w.Clock.After(w.between(2*time.Millisecond, 60*time.Millisecond), func() {
		delete(w.queued, key)
		reconcile(name)
	})
}

// between is a random duration.
func (w *World) between(least, most time.Duration) time.Duration {
	return least + time.Duration(w.rand.Int64N(int64(most-least)+1))
}

// now is the time as objects carry it.
func (w *World) now() metav1.Time { return metav1.NewTime(w.Clock.Now().Truncate(time.Second)) }

func controlledBy(kind string, o metav1.Object) []metav1.OwnerReference {
	yes := true
	return []metav1.OwnerReference{{
		APIVersion: "apps/v1", Kind: kind, Name: o.GetName(), UID: o.GetUID(), Controller: &yes, BlockOwnerDeletion: &yes,
	}}
}
