package runner_test

import (
	"net/http"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/watcher/check"
)

// sentAway starts a pod that is sent away while it is asked, and answers no more.
func (w *town) sentAway(name, revision string) {
	w.served(name, revision, "n1", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		now := metav1.NewTime(time.Unix(1, 0))
		w.change(name, func(p *corev1.Pod) { p.DeletionTimestamp, p.Finalizers = &now, []string{"x/y"} })
		panic(http.ErrAbortHandler)
	}), true)
}

// A rollout sends an old pod away at the very moment a new one is ready. What
// such a pod fails to answer is held against neither side.
func TestPodIsSentAwayDuringThePlay(t *testing.T) {
	for name, tt := range map[string]struct {
		revision string
		want     counts
	}{
		"an old pod": {oldRS, counts{1, 1, 2, 0}},
		"a new pod":  {newRS, counts{1, 1, 2, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t)
			w.sentAway("leaves", tt.revision)
			w.pod("new-1", newRS, "n1", broken)
			w.pod("old-1", oldRS, "n1", good)
			w.pod("old-2", oldRS, "n2", good)
			r := w.runner(nil, front(check.Expect{}))
			for range 4 {
				got := r.Play(t.Context(), decision("front"))
				if of(got) != tt.want || got.Pods[0].Name != "new-1" {
					t.Errorf("got %+v of %+v (%s), want %+v of new-1", of(got), got.Pods, got.Message, tt.want)
				}
			}
			if w.times("leaves") == 0 {
				t.Error("the pod that leaves was never asked")
			}
		})
	}
}

// Where the only pod is sent away, nothing is learned.
func TestOnlyPodIsSentAway(t *testing.T) {
	w := newTown(t)
	w.sentAway("leaves", newRS)
	r := w.runner(nil, front(check.Expect{}))
	if got := r.Play(t.Context(), decision("front")); of(got) != (counts{}) || got.Reason != string(check.ReasonNoPod) {
		t.Errorf("got %+v %s, want no result for want of a pod", of(got), got.Reason)
	}
}
