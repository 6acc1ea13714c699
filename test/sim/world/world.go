package world

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Namespace is where everything is.
const Namespace = "shop"

// appLabel ties every object to its Deployment's name.
const appLabel = "app"

// World is a cluster. It belongs to one goroutine.
type World struct {
	Clock *Clock
	Rand  *rand.Rand

	Deployments, ReplicaSets, Pods, Records *Table

	// Changed, if set, is told of every change.
	Changed func(t *Table, c Change)

	version int64
	uids    map[string]int
	lives   map[types.UID]*life
	truth   map[string]*Truth
	queued  map[string]bool
	hashes  map[types.UID]string
}

// New returns an empty World.
func New(clock *Clock, r *rand.Rand) *World {
	return &World{
		Clock: clock, Rand: r,
		Deployments: newTable("deployments"), ReplicaSets: newTable("replicasets"),
		Pods: newTable("pods"), Records: newTable("controllerrevisions"),
		uids: map[string]int{}, lives: map[types.UID]*life{}, truth: map[string]*Truth{},
		queued: map[string]bool{}, hashes: map[types.UID]string{},
	}
}

// Create takes in a new object; its name must be free.
func (w *World) Create(t *Table, o metav1.Object) {
	kind := t.Resource[:3]
	w.uids[kind]++
	o.SetNamespace(Namespace)
	o.SetUID(types.UID(fmt.Sprintf("%s-%04d", kind, w.uids[kind])))
	o.SetCreationTimestamp(metav1.NewTime(w.Clock.Now().Truncate(time.Second)))
	w.Replace(t, o)
	if t == w.Records {
		w.collect(o)
	}
}

// collect removes a record whose Deployment is gone, in a while.
func (w *World) collect(o metav1.Object) {
	ref := metav1.GetControllerOfNoCopy(o)
	if d := w.Deployment(ref.Name); d != nil && d.UID == ref.UID {
		return
	}
	w.Clock.After(w.between(time.Second, time.Minute), func() {
		if last := w.Records.Get(o.GetName()); last != nil {
			w.Remove(w.Records, last)
		}
	})
}

// Replace puts an object in the place of the one of its name.
func (w *World) Replace(t *Table, o metav1.Object) {
	w.version++
	o.SetResourceVersion(strconv.FormatInt(w.version, 10))
	w.noted(t, Change{Object: o})
}

// Remove takes an object out at once.
func (w *World) Remove(t *Table, o metav1.Object) {
	w.version++
	w.noted(t, Change{Object: o, Deleted: true})
}

func (w *World) noted(t *Table, c Change) {
	c.At = w.Clock.Now()
	t.note(c)
	if t != w.Records {
		w.requeue(c.Object.GetLabels()[appLabel])
	}
	if w.Changed != nil {
		w.Changed(t, c)
	}
}

// requeue asks the controllers to look at a Deployment soon.
func (w *World) requeue(name string) {
	if w.queued[name] {
		return
	}
	w.queued[name] = true
	w.Clock.After(w.between(50*time.Millisecond, 800*time.Millisecond), func() {
		w.queued[name] = false
		w.reconcile(name)
	})
}

// between is a random duration.
func (w *World) between(least, most time.Duration) time.Duration {
	return least + time.Duration(w.Rand.Int64N(int64(most-least)+1))
}

// chance is true once in n times.
func (w *World) chance(n int) bool { return w.Rand.IntN(n) == 0 }

// with is a map with one more entry; the old one stays as it is.
func with(m map[string]string, key, value string) map[string]string {
	out := maps.Clone(m)
	if out == nil {
		out = map[string]string{}
	}
	out[key] = value
	return out
}

// without is a map with one entry less.
func without(m map[string]string, key string) map[string]string {
	out := maps.Clone(m)
	delete(out, key)
	return out
}

func controlledBy(kind string, o metav1.Object) []metav1.OwnerReference {
	yes := true
	return []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: kind, Name: o.GetName(), UID: o.GetUID(), Controller: &yes}}
}

func isControlledBy(o, owner metav1.Object) bool {
	ref := metav1.GetControllerOfNoCopy(o)
	return ref != nil && ref.UID == owner.GetUID()
}
