package wire

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/watch"
)

// keptChanges is how many changes of a resource are remembered: about as many as a
// real API server's watch cache holds of what changes a lot.
const keptChanges = 1 << 16

// Resource holds the objects of one kind. Its methods may be used by several
// goroutines.
type Resource struct {
	// Group is "" for the core group, Name the plural.
	Group, Name string
	kind        metav1.TypeMeta
	empty       func() Object
	version     *atomic.Uint64
	// selected says that clients list by labels, which are kept for that.
	selected bool

	mu      sync.Mutex
	objects map[key]*stored
	changes []change
	// first is the number of changes[0], counted from the start.
	first   int
	oldest  uint64
	changed chan struct{}
}

type key struct{ namespace, name string }

// stored is an object as it is now.
type stored struct {
	raw     []byte
	version uint64
	labels  labels.Set
}

// change is one thing that a watch tells.
type change struct {
	event   watch.EventType
	raw     []byte
	version uint64
	// written is called with the time just before the frame is written; it may be nil.
	written func(time.Time)
}

// Errors of writes.
var (
	ErrNotFound = errors.New("not found")
	ErrExists   = errors.New("already exists")
	ErrConflict = errors.New("the object has been modified")
)

// Kind is the kind of the objects.
func (r *Resource) Kind() metav1.TypeMeta { return r.kind }

// Put makes the object what it is now, and tells watches. written, which may be
// nil, is called with the time just before the first watch gets its frame.
func (r *Resource) Put(o Object, written func(time.Time)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.put(o, written)
}

func (r *Resource) put(o Object, written func(time.Time)) error {
	version := r.version.Add(1)
	o.SetResourceVersion(strconv.FormatUint(version, 10))
	raw, err := encode(r.kind, o)
	if err != nil {
		return err
	}
	at := key{o.GetNamespace(), o.GetName()}
	event := watch.Modified
	if r.objects[at] == nil {
		event = watch.Added
	}
	r.objects[at] = &stored{raw: raw, version: version}
	if r.selected {
		r.objects[at].labels = o.GetLabels()
	}
	r.tell(change{event: event, raw: raw, version: version, written: written})
	return nil
}

// Load is Put without a word to watches, for what there is before any is open.
func (r *Resource) Load(o Object) error {
	version := r.version.Add(1)
	o.SetResourceVersion(strconv.FormatUint(version, 10))
	raw, err := encode(r.kind, o)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.objects[key{o.GetNamespace(), o.GetName()}] = &stored{raw: raw, version: version}
	r.oldest = version
	return nil
}

// Delete removes the object.
func (r *Resource) Delete(o Object) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := key{o.GetNamespace(), o.GetName()}
	if r.objects[at] == nil {
		return fmt.Errorf("delete %s %s/%s: %w", r.Name, at.namespace, at.name, ErrNotFound)
	}
	delete(r.objects, at)
	version := r.version.Add(1)
	o.SetResourceVersion(strconv.FormatUint(version, 10))
	raw, err := encode(r.kind, o)
	if err != nil {
		return err
	}
	r.tell(change{event: watch.Deleted, raw: raw, version: version})
	return nil
}

// Get decodes an object.
func (r *Resource) Get(namespace, name string) (Object, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.get(namespace, name)
}

func (r *Resource) get(namespace, name string) (Object, error) {
	s := r.objects[key{namespace, name}]
	if s == nil {
		return nil, fmt.Errorf("get %s %s/%s: %w", r.Name, namespace, name, ErrNotFound)
	}
	o := r.empty()
	return o, decode(s.raw, o)
}

// Edit changes an object, if the change has no objection. Nobody else can write
// in between.
func (r *Resource) Edit(namespace, name string, edit func(Object) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	o, err := r.get(namespace, name)
	if err != nil {
		return err
	}
	if err := edit(o); err != nil {
		return err
	}
	return r.put(o, nil)
}

// try is Edit without the write.
func (r *Resource) try(namespace, name string, edit func(Object) error) error {
	o, err := r.Get(namespace, name)
	if err != nil {
		return err
	}
	return edit(o)
}

// Create makes an object that must not be there yet.
func (r *Resource) Create(o Object) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.objects[key{o.GetNamespace(), o.GetName()}] != nil {
		return fmt.Errorf("create %s %s/%s: %w", r.Name, o.GetNamespace(), o.GetName(), ErrExists)
	}
	return r.put(o, nil)
}

// Len is how many objects there are.
func (r *Resource) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.objects)
}

// tell hands a change to the watches.
func (r *Resource) tell(c change) {
	if len(r.changes) == keptChanges {
		half := keptChanges / 2
		r.oldest = r.changes[half-1].version
		r.changes = append(r.changes[:0:0], r.changes[half:]...)
		r.first += half
	}
	r.changes = append(r.changes, c)
	close(r.changed)
	r.changed = make(chan struct{})
}

// snapshot is every object there is now, and the number of the next change.
func (r *Resource) snapshot() (all [][]byte, next int, version uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all = make([][]byte, 0, len(r.objects))
	for _, s := range r.objects {
		all = append(all, s.raw)
	}
	return all, r.first + len(r.changes), r.version.Load()
}

// after is the number of the first change after a version, false if some of them
// are no longer known.
func (r *Resource) after(version uint64) (next int, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if version < r.oldest {
		return 0, false
	}
	i := len(r.changes)
	for i > 0 && r.changes[i-1].version > version {
		i--
	}
	return r.first + i, true
}

// since is the changes from a number on, and what is closed when there are more.
// It is false if some of them are no longer known.
func (r *Resource) since(next int) (list []change, more <-chan struct{}, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if next < r.first {
		return nil, nil, false
	}
	return append([]change(nil), r.changes[next-r.first:]...), r.changed, true
}
