package watcher

import (
	"reflect"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// silentFor is how long a watch that brings bookmarks may bring nothing before
// it is ended, so that its reader opens another. An API server sends one about
// every minute; a connection that is cut without a word brings none, and
// client-go waits on it for minutes.
const silentFor = 2 * time.Minute

// heardWatch passes a watch's events on, notes when it brings something and when
// it is over, and looks out for the end of the events that tell what exists. Its
// reader always stops it.
type heardWatch struct {
	watch.Interface
	contact *contact
	out     chan watch.Event
	done    chan struct{}
	once    sync.Once
}

// hear makes a watch tell how it is doing and, where it begins with everything
// that exists, when that has come in: until then there is no contact.
func (c *contact) hear(w watch.Interface, fromStart bool) watch.Interface {
	if reflect.TypeOf(w) == noAnswer {
		return w
	}
	if !fromStart {
		c.opened()
	}
	h := &heardWatch{Interface: w, contact: c, out: make(chan watch.Event), done: make(chan struct{})}
	go h.pass()
	return h
}

// ResultChan implements watch.Interface.
func (w *heardWatch) ResultChan() <-chan watch.Event { return w.out }

// Stop implements watch.Interface.
func (w *heardWatch) Stop() {
	w.once.Do(func() {
		close(w.done)
		w.contact.closed()
	})
	w.Interface.Stop()
}

// pass ends with the watch, when its reader stops it, or when it is silent.
func (w *heardWatch) pass() {
	defer close(w.out)
	look := time.NewTicker(silentFor / 12)
	defer look.Stop()
	for {
		select {
		case e, ok := <-w.Interface.ResultChan():
			if !ok || !w.hand(e) {
				return
			}
		case now := <-look.C:
			if _, silent, _ := w.contact.standing(); !silent.IsZero() && now.Sub(silent) >= silentFor {
				w.contact.reopened.Add(1)
				return
			}
		case <-w.done:
			return
		}
	}
}

// hand gives an event to the reader; false means that it wants no more.
func (w *heardWatch) hand(e watch.Event) bool {
	ends := e.Type == watch.Bookmark && endsInitialEvents(e)
	if ends {
		w.contact.opened()
	}
	w.contact.heard(e.Type == watch.Bookmark && !ends)
	defer w.contact.handed()
	select {
	case w.out <- e:
		return true
	case <-w.done:
		return false
	}
}

func endsInitialEvents(e watch.Event) bool {
	o, err := meta.Accessor(e.Object)
	return err == nil && o.GetAnnotations()[metav1.InitialEventsAnnotationKey] == "true"
}
