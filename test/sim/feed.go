package sim

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/sim/world"
	"github.com/undog-dev/undog/watcher"
)

// feed is the watch of one resource by one undog, with the cache behind it.
type feed struct {
	undog *undog
	table *world.Table
	// position is how much of the log has been read.
	position int
	cache    map[string]metav1.Object
	// gap says that something was missed, which a relist will bring.
	gap     bool
	frozen  time.Time
	pending bool
	listed  bool
}

// wake makes the feed deliver soon.
func (f *feed) wake(after time.Duration) {
	if f.pending {
		return
	}
	f.pending = true
	f.undog.after(after, func() {
		f.pending = false
		f.deliver()
	})
}

// maxStale is how far the cache of an API server may lag behind.
const maxStale = 30 * time.Second

// list is the first list. It may be an old one.
func (f *feed) list() {
	fl := f.undog.sim.faults
	f.position = f.table.Len()
	if fl.hits(fl.stale) {
		f.position = f.table.At(f.undog.sim.world.Clock.Now().Add(-between(fl.rand, 0, maxStale)))
	}
	all := f.table.List(f.position)
	fl.rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, o := range all {
		f.apply(world.Change{Object: o})
	}
	f.listed = true
	f.wake(fl.lag())
}

// deliver brings what there is, in one of the ways in which that can go.
func (f *feed) deliver() {
	fl := f.undog.sim.faults
	now := f.undog.sim.world.Clock.Now()
	switch {
	case fl.calm:
	case now.Before(f.frozen):
		f.wake(f.frozen.Sub(now))
		return
	case fl.hits(fl.freeze):
		d := fl.standstill()
		f.frozen = now.Add(d)
		f.undog.sim.trace("%s: watch of %s stands still for %s", f.undog.name, f.table.Resource, d)
		f.wake(d)
		return
	}
	changes := f.table.Since(f.position)
	if f.gap && (fl.calm || len(changes) == 0 || fl.rand.IntN(4) == 0) || fl.hits(fl.relist) {
		f.relist()
	} else {
		f.deliverEach(changes)
	}
	f.position = f.table.Len()
	if f.gap {
		f.wake(between(fl.rand, 5*time.Second, time.Minute))
	}
	f.undog.takeSoon()
}

func (f *feed) deliverEach(changes []world.Change) {
	fl := f.undog.sim.faults
	for i := 0; i < len(changes); i++ {
		c := changes[i]
		if i+1 < len(changes) && changes[i+1].Object.GetName() != c.Object.GetName() && fl.hits(fl.reorder) {
			f.apply(changes[i+1])
			i++
		}
		if fl.hits(fl.drop) {
			f.gap = true
			continue
		}
		f.apply(c)
		if fl.hits(fl.repeat) {
			f.apply(c)
		}
	}
}

// relist compares the cache with what there is: nothing in between is seen.
func (f *feed) relist() {
	f.gap = false
	now := map[string]bool{}
	all := f.table.List(f.table.Len())
	f.undog.sim.faults.rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, o := range all {
		now[o.GetName()] = true
		f.apply(world.Change{Object: o})
	}
	for _, name := range sortedKeys(f.cache) {
		if !now[name] {
			f.apply(world.Change{Object: f.cache[name], Deleted: true})
		}
	}
}

// apply hands one change to the State, as the watcher's own feeds do.
func (f *feed) apply(c world.Change) {
	at, st := f.undog.now(), f.undog.state
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
	}
}
