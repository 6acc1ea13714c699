package watcher

import (
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// sleep lets time pass in a bubble.
func sleep(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// TestASilentWatchIsEnded plays a connection that is cut without a word, and a
// server that never sends bookmarks.
func TestASilentWatchIsEnded(t *testing.T) {
	for name, bookmarks := range map[string]bool{"WithBookmarks": true, "Without": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, inner := &contact{}, watch.NewFake()
				w := c.hear(inner, false)
				defer w.Stop()
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					for range w.ResultChan() {
					}
				}()
				last := time.Now()
				for range 5 {
					sleep(time.Minute)
					last = time.Now()
					if bookmarks {
						inner.Action(watch.Bookmark, &corev1.Pod{})
					} else {
						inner.Add(podOf("rs-web", "a"))
					}
				}
				sleep(silentFor - time.Second)
				if heard, silent, _ := c.standing(); !heard.Equal(last) || bookmarks != silent.Equal(last) {
					t.Errorf("last heard at %v, silent since %v, want %v for a watch with bookmarks", heard, silent, last)
				}
				sleep(silentFor)
				select {
				case <-ended:
					if !bookmarks {
						t.Error("a watch that owes no bookmarks was ended")
					}
				default:
					if bookmarks {
						t.Error("a silent watch goes on")
					}
				}
				if n := c.reopened.Load(); n > 1 || (n == 1) != bookmarks {
					t.Errorf("counted %d watches as silent", n)
				}
			})
		})
	}
}

// TestBusy stalls a feed at its two places: the reader of the watch, and the
// State that a record is applied to.
func TestBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		held := make(chan struct{})
		f := &feed{
			resource: "pods", problems: map[string]string{}, source: &countedSource{},
			reduce: func(o any) any { return o },
			apply:  func(time.Time, any) string { <-held; return "" },
		}
		if got := f.stats().Busy; !got.IsZero() {
			t.Errorf("busy since %v with nothing to do", got)
		}
		began := time.Now()
		go f.take(&podRecord{})
		sleep(time.Minute)
		if got := f.stats().Busy; !got.Equal(began) {
			t.Errorf("busy since %v, the record came at %v", got, began)
		}
		close(held)
		synctest.Wait()
		if got := f.stats().Busy; !got.IsZero() {
			t.Errorf("busy since %v after the record was applied", got)
		}

		inner := watch.NewFake()
		w := f.source.contact.hear(inner, false)
		defer w.Stop()
		began = time.Now()
		inner.Add(podOf("rs-web", "a"))
		sleep(time.Minute)
		if got := f.stats().Busy; !got.Equal(began) {
			t.Errorf("busy since %v, the event came at %v and nobody takes it", got, began)
		}
		<-w.ResultChan()
		synctest.Wait()
		if got := f.stats().Busy; !got.IsZero() {
			t.Errorf("busy since %v after the event was taken", got)
		}
	})
}
