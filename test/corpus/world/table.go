package world

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// table holds the objects of one resource. Objects in it are never changed,
// only replaced.
type table struct {
	objects map[string]metav1.Object
	names   []string
	// owned holds the names of the objects that a controller has, in order of creation.
	owned map[types.UID][]string
}

func newTable() *table {
	return &table{objects: map[string]metav1.Object{}, owned: map[types.UID][]string{}}
}

func (t *table) put(o metav1.Object) {
	name := o.GetName()
	if _, known := t.objects[name]; !known {
		i, _ := slices.BinarySearch(t.names, name)
		t.names = slices.Insert(t.names, i, name)
		if ref := metav1.GetControllerOfNoCopy(o); ref != nil {
			t.owned[ref.UID] = append(t.owned[ref.UID], name)
		}
	}
	t.objects[name] = o
}

func (t *table) remove(o metav1.Object) {
	name := o.GetName()
	if i, found := slices.BinarySearch(t.names, name); found {
		t.names = slices.Delete(t.names, i, i+1)
	}
	delete(t.objects, name)
	if ref := metav1.GetControllerOfNoCopy(o); ref != nil {
		t.owned[ref.UID] = slices.DeleteFunc(t.owned[ref.UID], func(n string) bool { return n == name })
	}
}

// ownedBy is what a controller has, in order of creation.
func ownedBy[T metav1.Object](w *World, resource string, owner metav1.Object) []T {
	t := w.tables[resource]
	var out []T
	for _, n := range t.owned[owner.GetUID()] {
		if o, ok := t.objects[n].(T); ok {
			out = append(out, o)
		}
	}
	return out
}
