package watcher

import (
	"reflect"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// heardWatch notes when a watch is over. Its reader always stops it.
type heardWatch struct {
	watch.Interface
	contact *contact
	once    sync.Once
}

// Stop implements watch.Interface.
func (w *heardWatch) Stop() {
	w.once.Do(w.contact.closed)
	w.Interface.Stop()
}

// hear makes a watch tell when it is over, and, where it begins with everything
// that exists, when that has come in: until then there is no contact.
func (c *contact) hear(w watch.Interface, fromStart bool) watch.Interface {
	if reflect.TypeOf(w) == noAnswer {
		return w
	}
	heard := &heardWatch{Interface: w, contact: c}
	if !fromStart {
		c.opened()
		return heard
	}
	s := &streamedWatch{heardWatch: heard, out: make(chan watch.Event), done: make(chan struct{})}
	go s.pass()
	return s
}

// streamedWatch passes a watch's events on and looks out for the end of those
// that tell what exists.
type streamedWatch struct {
	*heardWatch
	out  chan watch.Event
	done chan struct{}
	end  sync.Once
}

// ResultChan implements watch.Interface.
func (w *streamedWatch) ResultChan() <-chan watch.Event { return w.out }

// Stop implements watch.Interface.
func (w *streamedWatch) Stop() {
	w.end.Do(func() { close(w.done) })
	w.heardWatch.Stop()
}

func (w *streamedWatch) pass() {
	defer close(w.out)
	for {
		select {
		case e, ok := <-w.Interface.ResultChan():
			if !ok {
				return
			}
			if e.Type == watch.Bookmark && endsInitialEvents(e) {
				w.contact.opened()
			}
			select {
			case w.out <- e:
			case <-w.done:
				return
			}
		case <-w.done:
			return
		}
	}
}

func endsInitialEvents(e watch.Event) bool {
	o, err := meta.Accessor(e.Object)
	return err == nil && o.GetAnnotations()[metav1.InitialEventsAnnotationKey] == "true"
}
