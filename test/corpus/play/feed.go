package play

import (
	"maps"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/corpus/world"
	"github.com/undog-dev/undog/watcher"
)

// The time that a watch event is on its way.
const (
	leastLag = 3 * time.Millisecond
	mostLag  = 120 * time.Millisecond
)

// feed is the watch of one resource, with the cache behind it.
type feed struct {
	undog    *undog
	resource string
	cache    map[string]metav1.Object
	queue    []world.Change
	pending  bool
	// frozen says that the watch stands still.
	frozen bool
}

// list is the first list.
func (f *feed) list() {
	all, _ := f.undog.player.world.List(f.resource)
	for _, o := range all {
		f.apply(world.Change{Object: o})
	}
}

// notice has a change delivered soon, and those that came before it.
func (f *feed) notice(c world.Change) {
	if f.frozen {
		return
	}
	f.queue = append(f.queue, c)
	if f.pending {
		return
	}
	f.pending = true
	f.undog.after(f.undog.player.between(leastLag, mostLag), func() {
		f.pending = false
		all := f.queue
		f.queue = nil
		for _, c := range all {
			f.apply(c)
		}
		f.undog.takeSoon()
	})
}

// freeze lets the watch stand still; what is on its way is lost.
func (f *feed) freeze() { f.frozen, f.queue = true, nil }

// relist compares the cache with what there is: nothing in between is seen.
func (f *feed) relist() {
	f.frozen = false
	now := map[string]bool{}
	all, _ := f.undog.player.world.List(f.resource)
	for _, o := range all {
		now[o.GetName()] = true
		f.apply(world.Change{Object: o})
	}
	for _, name := range slices.Sorted(maps.Keys(f.cache)) {
		if !now[name] {
			f.apply(world.Change{Object: f.cache[name], Deleted: true})
		}
	}
}

// apply hands one change to the State, as the watcher's own feeds do.
func (f *feed) apply(c world.Change) {
	at, st := f.undog.player.now(), f.undog.state
	name := c.Object.GetName()
	old, known := f.cache[name]
	if known && (c.Deleted || old.GetUID() != c.Object.GetUID()) {
		remove(at, st, old)
		delete(f.cache, name)
	}
	if c.Deleted {
		return
	}
	f.cache[name] = c.Object
	switch o := c.Object.(type) {
	case *appsv1.Deployment:
		st.ApplyDeployment(at, o)
	case *appsv1.ReplicaSet:
		st.ApplyReplicaSet(at, o)
	case *corev1.Pod:
		st.ApplyPod(at, o)
	case *appsv1.ControllerRevision:
		st.ApplyRecord(at, o)
	case *corev1.Node:
		st.ApplyNode(at, o)
	case *corev1.Event:
		st.ApplyEvent(at, o)
	case *corev1.ConfigMap:
		// Of ConfigMaps only the metadata is watched.
		st.ApplyConfigMap(at, &metav1.PartialObjectMetadata{ObjectMeta: o.ObjectMeta})
	}
}

func remove(at time.Time, st *watcher.State, o metav1.Object) {
	ns, name, uid := o.GetNamespace(), o.GetName(), string(o.GetUID())
	switch o.(type) {
	case *appsv1.Deployment:
		st.DeleteDeployment(at, ns, name, uid)
	case *appsv1.ReplicaSet:
		st.DeleteReplicaSet(at, ns, name, uid)
	case *corev1.Pod:
		st.DeletePod(at, ns, name, uid)
	case *appsv1.ControllerRevision:
		st.DeleteRecord(at, ns, name, uid)
	case *corev1.Node:
		st.DeleteNode(at, name, uid)
	case *corev1.ConfigMap:
		st.DeleteConfigMap(at, ns, name, uid)
	}
}
