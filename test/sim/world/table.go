package world

import (
	"slices"
	"sort"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Change is one entry of a resource's watch log.
type Change struct {
	At      time.Time
	Object  metav1.Object
	Deleted bool
}

// Table holds the objects of one resource and everything that ever happened to
// them. Objects in it are never changed, only replaced.
type Table struct {
	// Resource is its name in the API, in the plural.
	Resource string

	objects map[string]metav1.Object
	names   []string
	log     []Change
}

func newTable(resource string) *Table {
	return &Table{Resource: resource, objects: map[string]metav1.Object{}}
}

// Get is the object with a name, nil if there is none.
func (t *Table) Get(name string) metav1.Object {
	if o, ok := t.objects[name]; ok {
		return o
	}
	return nil
}

// Len is the length of the log.
func (t *Table) Len() int { return len(t.log) }

// At is the position in the log at a time.
func (t *Table) At(at time.Time) int {
	return sort.Search(len(t.log), func(i int) bool { return t.log[i].At.After(at) })
}

// Since is the log from a position on.
func (t *Table) Since(position int) []Change { return t.log[position:] }

// List is what there was at a position of the log, sorted by name.
func (t *Table) List(position int) []metav1.Object {
	if position == len(t.log) {
		out := make([]metav1.Object, 0, len(t.names))
		for _, n := range t.names {
			out = append(out, t.objects[n])
		}
		return out
	}
	past := newTable(t.Resource)
	for _, c := range t.log[:position] {
		past.note(c)
	}
	return past.List(position)
}

// note takes in a change.
func (t *Table) note(c Change) {
	t.log = append(t.log, c)
	name := c.Object.GetName()
	i, found := slices.BinarySearch(t.names, name)
	switch {
	case c.Deleted && found:
		t.names = slices.Delete(t.names, i, i+1)
		delete(t.objects, name)
	case c.Deleted:
	default:
		if !found {
			t.names = slices.Insert(t.names, i, name)
		}
		t.objects[name] = c.Object
	}
}

// each calls f for every object of a type, sorted by name.
func each[T metav1.Object](t *Table, f func(T)) {
	for _, n := range slices.Clone(t.names) {
		if o, ok := t.objects[n].(T); ok {
			f(o)
		}
	}
}
