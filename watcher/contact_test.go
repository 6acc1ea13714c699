package watcher_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/fake"
	metadatafake "k8s.io/client-go/metadata/fake"
	k8stesting "k8s.io/client-go/testing"

	"github.com/undog-dev/undog/watcher/source"
)

// server decides how the watches of one resource are answered.
type server struct {
	mu     sync.Mutex
	answer func() (bool, watch.Interface, error)
	open   []*watch.FakeWatcher
}

func (s *server) set(answer func() (bool, watch.Interface, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// well opens a quiet watch.
func (s *server) well() (bool, watch.Interface, error) {
	w := watch.NewFake()
	s.open = append(s.open, w)
	return true, w, nil
}

// hangUp ends every watch, as a server does that has had it open for long.
func (s *server) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.open {
		w.Stop()
	}
	s.open = nil
}

func TestLost(t *testing.T) {
	refuse := func() (bool, watch.Interface, error) {
		return true, nil, apierrors.NewServiceUnavailable("the server is away")
	}
	forget := func() (bool, watch.Interface, error) { return true, nil, apierrors.NewResourceExpired("too old") }
	silent := func() (bool, watch.Interface, error) { return true, watch.NewEmptyWatch(), nil }
	for _, c := range []struct {
		name     string
		resource string
		answer   func() (bool, watch.Interface, error)
		lost     bool
	}{
		{"a quiet watch", "pods", nil, false},
		{"refused", "pods", refuse, true},
		{"no answer", "deployments", silent, true},
		{"the past is forgotten", "replicasets", forget, false},
		{"what undog can do without", "nodes", refuse, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, s := fake.NewClientset(web("shop")...), &server{}
				s.set(s.well)
				client.PrependWatchReactor(c.resource, func(k8stesting.Action) (bool, watch.Interface, error) {
					s.mu.Lock()
					defer s.mu.Unlock()
					return s.answer()
				})
				cl := startCluster(t, client, source.Options{})
				defer cl.finish()
				after(t, time.Hour)
				if !cl.w.Synced() || !cl.w.Lost(time.Now()).IsZero() {
					t.Fatalf("synced %v, lost since %v", cl.w.Synced(), cl.w.Lost(time.Now()))
				}
				ended := time.Now()
				if c.answer != nil {
					s.set(c.answer)
				}
				s.hangUp()
				after(t, 2*time.Second)
				got := cl.w.Lost(time.Now())
				if c.lost != !got.IsZero() || c.lost && !got.Equal(ended) {
					t.Errorf("lost since %v, the watch ended at %v", got, ended)
				}
				s.set(s.well)
				after(t, 5*time.Minute)
				if got := cl.w.Lost(time.Now()); !got.IsZero() {
					t.Errorf("lost since %v after the server came back", got)
				}
			})
		})
	}
}

// TestMissingRights keeps back everything that undog can do without.
func TestMissingRights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset(web("shop")...)
		scheme := metadatafake.NewTestScheme()
		must(t, metav1.AddMetaToScheme(scheme))
		meta := metadatafake.NewSimpleMetadataClient(scheme)
		deny := func(a k8stesting.Action) (bool, runtime.Object, error) {
			resource := schema.GroupResource{Resource: a.GetResource().Resource}
			return true, nil, apierrors.NewForbidden(resource, "", errors.New("no such right"))
		}
		client.PrependReactor("list", "nodes", deny)
		client.PrependReactor("list", "events", deny)
		meta.PrependReactor("list", "configmaps", deny)
		c := startCluster(t, client, source.Options{Metadata: meta})
		defer c.finish()
		if !c.w.Synced() || c.took() != "seen shop/web shop-dep with 1 pods" {
			t.Error("not synced without what undog can do without")
		}
		after(t, time.Hour)
		for _, resource := range []string{"nodes", "events", "configmaps"} {
			if n := strings.Count(c.log.String(), "resource="+resource); n != 1 {
				t.Errorf("%d lines about %s, want one:\n%s", n, resource, c.log)
			}
		}
		if lost := c.w.Lost(time.Now()); !lost.IsZero() {
			t.Errorf("lost since %v, because of a right that is missing", lost)
		}
	})
}

// TestNoAnswerAboutNodes keeps the first list of nodes back for ever.
func TestNoAnswerAboutNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset(web("shop")...)
		client.PrependReactor("list", "nodes", func(k8stesting.Action) (bool, runtime.Object, error) {
			return true, nil, errors.New("the server is on fire")
		})
		c := startCluster(t, client, source.Options{})
		defer c.finish()
		if c.w.Synced() {
			t.Error("synced before nodes had a chance")
		}
		after(t, time.Minute)
		if !c.w.Synced() {
			t.Error("waited for nodes for ever")
		}
	})
}

// TestEverySource has one of everything tell something.
func TestEverySource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset(web("shop")...)
		scheme := metadatafake.NewTestScheme()
		must(t, metav1.AddMetaToScheme(scheme))
		meta := metadatafake.NewSimpleMetadataClient(scheme, &metav1.PartialObjectMetadata{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: object("shop", "conf", "cm", "", ""),
		})
		deployments := client.AppsV1().Deployments("shop")
		d, err := deployments.Get(t.Context(), "web", metav1.GetOptions{})
		must(t, err)
		v := corev1.Volume{Name: "conf"}
		v.ConfigMap = &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "conf"}}
		d.Spec.Template.Spec.Volumes = []corev1.Volume{v}
		_, err = deployments.Update(t.Context(), d, metav1.UpdateOptions{})
		must(t, err)
		p, err := client.CoreV1().Pods("shop").Get(t.Context(), "web-1-a", metav1.GetOptions{})
		must(t, err)
		p.Spec.NodeName = "node-a"
		_, err = client.CoreV1().Pods("shop").Update(t.Context(), p, metav1.UpdateOptions{})
		must(t, err)

		c := startCluster(t, client, source.Options{Metadata: meta})
		defer c.finish()
		_, err = client.CoreV1().Events("shop").Create(t.Context(), &corev1.Event{
			ObjectMeta: object("shop", "event", "event", "", ""), Reason: "FailedMount", Message: "no volume",
			InvolvedObject: corev1.ObjectReference{Kind: "Pod", UID: p.UID}, LastTimestamp: metav1.Now(),
		}, metav1.CreateOptions{})
		must(t, err)
		synctest.Wait()
		o, ok := c.w.Observe(time.Now(), "shop-dep")
		if !ok || len(o.Configs) != 1 || len(o.Revisions[0].Failures) != 1 || o.Revisions[0].Failures[0].Reason != "FailedMount" {
			t.Fatalf("observed %+v, want a ConfigMap and what the Event says", o)
		}
		_, err = client.CoreV1().Nodes().Create(t.Context(), &corev1.Node{
			ObjectMeta: object("", "node-a", "node", "", ""),
			Status:     corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionUnknown}}},
		}, metav1.CreateOptions{})
		must(t, err)
		synctest.Wait()
		if o, _ = c.w.Observe(time.Now(), "shop-dep"); o.Revisions[0].Lost != 1 {
			t.Errorf("%d pods lost on a node that is not ready, want 1", o.Revisions[0].Lost)
		}
		resources := map[string]bool{}
		for _, r := range c.w.Stats().Resources {
			resources[r.Resource] = r.Objects > 0 || r.Resource == "controllerrevisions"
		}
		for _, want := range []string{"nodes", "events", "configmaps", "pods"} {
			if !resources[want] {
				t.Errorf("nothing counted of %s: %v", want, resources)
			}
		}
	})
}
