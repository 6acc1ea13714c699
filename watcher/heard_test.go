package watcher

import (
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// TestAStreamIsContactWhenItHasCaughtUp opens a watch that begins with what
// exists, after a failure.
func TestAStreamIsContactWhenItHasCaughtUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, inner := &contact{}, watch.NewFake()
		c.failed()
		lost := func() bool { return !c.lost(time.Now()).IsZero() }
		w := c.hear(inner, true)
		seen := make(chan watch.Event, 10)
		go func() {
			for e := range w.ResultChan() {
				seen <- e
			}
			close(seen)
		}()
		inner.Add(podOf("rs-web", "a"))
		inner.Action(watch.Bookmark, &corev1.Pod{})
		synctest.Wait()
		if !lost() || len(seen) != 2 {
			t.Errorf("lost %v after %d events, want it to be until everything has come", lost(), len(seen))
		}
		end := &corev1.Pod{}
		end.Annotations = map[string]string{metav1.InitialEventsAnnotationKey: "true"}
		inner.Action(watch.Bookmark, end)
		synctest.Wait()
		if lost() || len(seen) != 3 {
			t.Errorf("lost %v after %d events, want contact", lost(), len(seen))
		}
		w.Stop()
		w.Stop()
		synctest.Wait()
		for range 3 {
			<-seen
		}
		if _, open := <-seen; open {
			t.Error("the stream goes on after it was stopped")
		}
	})
}

// TestAWatchThatIsNotOpenedAgain is a server that hangs: nothing fails.
func TestAWatchThatIsNotOpenedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &contact{}
		c.hear(watch.NewFake(), false).Stop()
		ended := time.Now()
		if got := c.lost(ended.Add(maxSilence - 1)); !got.IsZero() {
			t.Errorf("lost since %v too early", got)
		}
		if got := c.lost(ended.Add(maxSilence)); !got.Equal(ended) {
			t.Errorf("lost since %v, want since the watch ended", got)
		}
		timer := time.NewTimer(maxSilence / 2)
		<-timer.C
		c.failed()
		if got := c.lost(time.Now()); !got.Equal(ended) {
			t.Errorf("lost since %v after a failure, want since the watch ended", got)
		}
		defer c.hear(watch.NewFake(), false).Stop()
		if got := c.lost(ended.Add(time.Hour)); !got.IsZero() {
			t.Errorf("lost since %v with a watch open", got)
		}
	})
}
