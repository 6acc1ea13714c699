package watcher

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

// streamed is a source that streams what exists, one watch at a time.
type streamed struct {
	watches chan *watch.FakeWatcher
	// from is the version that each of them was asked to begin with at the least.
	from chan string
}

func newStreamed() *streamed {
	return &streamed{watches: make(chan *watch.FakeWatcher, 10), from: make(chan string, 10)}
}

// List is what nobody asks for who can have a stream.
func (s *streamed) List(metav1.ListOptions) (runtime.Object, error) {
	return nil, errors.New("there are only streams")
}

// Watch begins a stream.
func (s *streamed) Watch(o metav1.ListOptions) (watch.Interface, error) {
	w := watch.NewFake()
	s.from <- o.ResourceVersion
	s.watches <- w
	return w, nil
}

// ended is the bookmark behind everything that exists.
func ended(o runtime.Object) runtime.Object {
	m, _ := o.(metav1.Object)
	m.SetAnnotations(map[string]string{metav1.InitialEventsAnnotationKey: "true"})
	m.SetResourceVersion("100")
	return o
}

// expired ends a stream so that everything is listed again.
func expired() runtime.Object {
	status := apierrors.NewResourceExpired("too old resource version").ErrStatus
	return &status
}

// TestWhatIsListedAgainIsTakenInAtOnce lists a Deployment and its pods again: until
// the list is complete, it says nothing. A stream that breaks off may be followed by
// one from a server that is behind, and what is gone is only known at the end.
func TestWhatIsListedAgainIsTakenInAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		deployments, sets, pods := newStreamed(), newStreamed(), newStreamed()
		w, err := New([]Source{{Deployments: deployments, ReplicaSets: sets, Pods: pods}}, Options{}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		defer func() {
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}()
		state := func() (generation int64, pods int32) {
			t.Helper()
			synctest.Wait()
			o, ok := w.Observe(time.Now(), "dep-web")
			if !ok || len(o.Revisions) != 1 {
				t.Fatalf("observed %+v", o)
			}
			return o.Generation, o.Revisions[0].Pods
		}
		version := func(d *appsv1.Deployment, generation int64, version string) *appsv1.Deployment {
			d.Generation, d.ResourceVersion = generation, version
			return d
		}
		first, podsFirst := <-deployments.watches, <-pods.watches
		first.Add(version(deployment("web"), 5, "90"))
		first.Action(watch.Bookmark, ended(&appsv1.Deployment{}))
		s := <-sets.watches
		s.Add(replicaSet("web", "rs-web", 1))
		s.Action(watch.Bookmark, ended(&appsv1.ReplicaSet{}))
		podsFirst.Add(podOf("rs-web", "a"))
		podsFirst.Action(watch.Bookmark, ended(&corev1.Pod{}))
		if generation, n := state(); generation != 5 || n != 1 {
			t.Fatalf("generation %d with %d pods, want 5 with 1", generation, n)
		}

		first.Error(expired())
		torn := <-deployments.watches
		torn.Add(version(deployment("web"), 6, "120"))
		if generation, _ := state(); generation != 5 {
			t.Errorf("generation %d of a list that is not complete", generation)
		}
		torn.Stop()
		behind := <-deployments.watches
		<-deployments.from
		if from, at := <-deployments.from, <-deployments.from; from != "100" || at != "100" {
			t.Errorf("listed again from %q and %q, want no older than what was complete", from, at)
		}
		behind.Add(version(deployment("web"), 5, "110"))
		behind.Action(watch.Bookmark, ended(&appsv1.Deployment{}))
		if generation, _ := state(); generation != 5 {
			t.Errorf("generation %d, want that of the complete list", generation)
		}
		behind.Modify(version(deployment("web"), 6, "120"))
		if generation, _ := state(); generation != 6 {
			t.Errorf("generation %d, want that of the watch", generation)
		}

		podsFirst.Error(expired())
		again := <-pods.watches
		again.Add(podOf("rs-web", "b"))
		if _, n := state(); n != 1 {
			t.Errorf("%d pods while pods are listed, want 1: one took the other's place", n)
		}
		again.Action(watch.Bookmark, ended(&corev1.Pod{}))
		if _, n := state(); n != 1 || w.state.pods[known("pod-b")] == nil {
			t.Errorf("%d pods, want the new one", n)
		}
	})
}

// TestWhatGoesWhileItIsListed lists Deployments of which some are deleted, or deleted and
// made again, before the first list is complete.
func TestWhatGoesWhileItIsListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		deployments, sets, pods := newStreamed(), newStreamed(), newStreamed()
		w, err := New([]Source{{Deployments: deployments, ReplicaSets: sets, Pods: pods}}, Options{}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		defer func() {
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}()
		made := func(name, uid, version string) *appsv1.Deployment {
			d := deployment(name)
			d.UID, d.ResourceVersion = types.UID(uid), version
			return d
		}
		torn, podsOfAll := <-deployments.watches, <-pods.watches
		torn.Add(made("torn", "torn-1", "60"))
		torn.Add(made("web", "web-0", "61"))
		torn.Stop()
		listed := <-deployments.watches
		listed.Add(made("stays", "stays-1", "80"))
		listed.Add(made("web", "web-1", "90"))
		listed.Add(made("gone", "gone-1", "91"))
		listed.Delete(made("gone", "gone-1", "92"))
		listed.Delete(made("web", "web-1", "93"))
		listed.Add(made("web", "web-2", "94"))
		listed.Action(watch.Bookmark, ended(&appsv1.Deployment{}))
		s := <-sets.watches
		s.Action(watch.Bookmark, ended(&appsv1.ReplicaSet{}))
		pod := func(uid string) *corev1.Pod {
			p := podOf("rs-web", "a")
			p.UID = types.UID(uid)
			return p
		}
		podsOfAll.Add(pod("pod-1"))
		podsOfAll.Delete(pod("pod-1"))
		podsOfAll.Add(pod("pod-2"))
		podsOfAll.Action(watch.Bookmark, ended(&corev1.Pod{}))
		synctest.Wait()
		if n := len(w.state.pods); n != 1 {
			t.Errorf("%d pods are known, want the one that was made again", n)
		}
		for uid, want := range map[string]bool{"stays-1": true, "web-2": true, "web-1": false, "web-0": false, "gone-1": false, "torn-1": false} {
			if _, ok := w.Observe(time.Now(), uid); ok != want {
				t.Errorf("%s is known: %v, want %v", uid, ok, want)
			}
		}
	})
}
