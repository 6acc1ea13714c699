package watcher_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	k8stesting "k8s.io/client-go/testing"

	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/source"
)

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startCluster(t, fake.NewClientset(web("shop")...), source.Options{})
		defer c.finish()
		if !c.w.Synced() || !c.signalled() {
			t.Fatal("not synced, or not said so")
		}
		if got := c.took(); got != "seen shop/web shop-dep with 1 pods" {
			t.Errorf("took %q", got)
		}
		if c.signalled() {
			t.Error("signalled without a change")
		}
		pods := c.client.CoreV1().Pods("shop")
		p, err := pods.Get(t.Context(), "web-1-a", metav1.GetOptions{})
		must(t, err)
		p.Status.PodIP = "10.0.0.8"
		c.stamp(p)
		_, err = pods.UpdateStatus(t.Context(), p, metav1.UpdateOptions{})
		must(t, err)
		if got := c.took(); got != "" || c.signalled() {
			t.Errorf("a change that says nothing: took %q", got)
		}
		p.Spec.NodeName = "node-a"
		c.stamp(p)
		_, err = pods.Update(t.Context(), p, metav1.UpdateOptions{})
		must(t, err)
		if !c.signalled() {
			t.Error("not signalled after a change")
		}
		if o, ok := c.w.Observe(time.Now(), "shop-dep"); !ok || o.Revisions[0].Scheduled != 1 {
			t.Errorf("observed %+v", o)
		}
		must(t, pods.Delete(t.Context(), "web-1-a", metav1.DeleteOptions{}))
		if got := c.took(); got != "seen shop/web shop-dep with 0 pods" {
			t.Errorf("after the pod was deleted: took %q", got)
		}
		must(t, c.client.AppsV1().Deployments("shop").Delete(t.Context(), "web", metav1.DeleteOptions{}))
		if got := c.took(); got != "gone shop/web shop-dep" {
			t.Errorf("after the Deployment was deleted: took %q", got)
		}
	})
}

// TestNothingIsTakenBeforeSync keeps the list of one resource back.
func TestNothingIsTakenBeforeSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset(web("shop")...)
		var broken sync.Mutex
		failing := true
		client.PrependReactor("list", "replicasets", func(k8stesting.Action) (bool, runtime.Object, error) {
			broken.Lock()
			defer broken.Unlock()
			return failing, nil, errors.New("the server is on fire")
		})
		c := startCluster(t, client, source.Options{})
		defer c.finish()
		after(t, 5*time.Minute)
		if c.w.Synced() || c.signalled() || c.took() != "" {
			t.Error("handed out something before every cache was synced")
		}
		if _, ok := c.w.Observe(time.Now(), "shop-dep"); ok {
			t.Error("observed before every cache was synced")
		}
		lines := strings.Count(c.log.String(), "watch failed")
		var errs uint64
		for _, r := range c.w.Stats().Resources {
			errs += r.Errors
		}
		if lines == 0 || lines > 10 || errs <= uint64(lines) {
			t.Errorf("%d errors made %d log lines, want fewer lines, and some", errs, lines)
		}
		if !strings.Contains(c.log.String(), "the server is on fire") {
			t.Errorf("the log does not say why:\n%s", c.log)
		}
		broken.Lock()
		failing = false
		broken.Unlock()
		after(t, 2*time.Minute)
		if !c.w.Synced() || !c.signalled() {
			t.Error("not synced after the server recovered")
		}
		if got := c.took(); got != "seen shop/web shop-dep with 1 pods" {
			t.Errorf("took %q", got)
		}
	})
}

// TestRelist drops every watch while objects vanish and come back under the
// same names: tombstones, and updates that change the UID.
func TestRelist(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset(append(append(web("shop"), web("stay")...), web("swap")...)...)
		nodes := client.CoreV1().Nodes()
		_, err := nodes.Create(t.Context(), &corev1.Node{ObjectMeta: object("", "node-b", "node", "", "")}, metav1.CreateOptions{})
		must(t, err)
		lists := newRelistable(client)
		w, err := watcher.New([]watcher.Source{lists.source()}, watcher.Options{}, slog.New(slog.DiscardHandler))
		must(t, err)
		c := &cluster{T: t, client: client, w: w, log: &syncBuffer{}, done: make(chan error, 1)}
		ctx, cancel := context.WithCancel(t.Context())
		c.stop = cancel
		go func() { c.done <- w.Run(ctx) }()
		defer c.finish()
		c.took()
		before, _ := w.Observe(time.Now(), "stay-dep")

		lists.silence()
		must(t, nodes.Delete(ctx, "node-b", metav1.DeleteOptions{}))
		replaced := &corev1.Node{ObjectMeta: object("", "node-b", "node-again", "", "")}
		replaced.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionUnknown}}
		replaced.ResourceVersion = "79"
		_, err = nodes.Create(ctx, replaced, metav1.CreateOptions{})
		must(t, err)
		must(t, client.CoreV1().Pods("shop").Delete(ctx, "web-1-a", metav1.DeleteOptions{}))
		must(t, client.AppsV1().Deployments("shop").Delete(ctx, "web", metav1.DeleteOptions{}))
		again := &appsv1.Deployment{ObjectMeta: object("shop", "web", "new-dep", "", "")}
		again.ResourceVersion = "77"
		_, err = client.AppsV1().Deployments("shop").Create(ctx, again, metav1.CreateOptions{})
		must(t, err)
		must(t, client.CoreV1().Pods("swap").Delete(ctx, "web-1-a", metav1.DeleteOptions{}))
		other := &corev1.Pod{ObjectMeta: object("swap", "web-1-a", "other-pod", "ReplicaSet", "swap-rs")}
		other.ResourceVersion, other.Spec.NodeName = "78", "node-b"
		_, err = client.CoreV1().Pods("swap").Create(ctx, other, metav1.CreateOptions{})
		must(t, err)
		if got := c.took(); got != "" {
			t.Errorf("heard %q through a dead watch", got)
		}
		lists.expire()
		after(t, 2*time.Minute)
		if got := c.took(); got != "gone shop/web shop-dep, seen shop/web new-dep with 0 pods, seen swap/web swap-dep with 0 pods" {
			t.Errorf("after the relist: took %q", got)
		}
		if swap, _ := w.Observe(time.Now(), "swap-dep"); swap.Revisions[0].Lost != 1 {
			t.Errorf("%d pods lost on the node that came back under its name, want 1", swap.Revisions[0].Lost)
		}
		afterwards, _ := w.Observe(time.Now(), "stay-dep")
		if afterwards.Version != before.Version {
			t.Errorf("what the relist did not change went from version %d to %d", before.Version, afterwards.Version)
		}
		for _, r := range w.Stats().Resources {
			if r.Relists == 0 || r.LastEvent.IsZero() {
				t.Errorf("stats of %s: %+v, want a relist", r.Resource, r)
			}
		}
		if n := w.Stats(); n.Pods != 2 || n.Workloads != 3 {
			t.Errorf("stats %+v, want 2 pods and 3 workloads", n)
		}
	})
}

func TestNamespaces(t *testing.T) {
	all := func() *fake.Clientset {
		objects := append(web("shop"), web("kube-system")...)
		return fake.NewClientset(append(append(objects, web("undog")...), web("blog")...)...)
	}
	for _, c := range []struct {
		name string
		from source.Options
		want string
	}{
		{"all", source.Options{}, "seen blog/web blog-dep with 1 pods, seen shop/web shop-dep with 1 pods, seen undog/web undog-dep with 1 pods"},
		{"all but its own", source.Options{OwnNamespace: "undog"}, "seen blog/web blog-dep with 1 pods, seen shop/web shop-dep with 1 pods"},
		{"two", source.Options{Namespaces: []string{"shop", "kube-system"}}, "seen kube-system/web kube-system-dep with 1 pods, seen shop/web shop-dep with 1 pods"},
		{"its own, asked for", source.Options{Namespaces: []string{"undog"}, OwnNamespace: "undog", NoLedger: true}, "seen undog/web undog-dep with 1 pods"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cl := startCluster(t, all(), c.from)
				defer cl.finish()
				if got := cl.took(); got != c.want {
					t.Errorf("took %q, want %q", got, c.want)
				}
			})
		})
	}
}

// TestProblemsAreLoggedOnce gives the watcher an annotation and a record that
// it cannot read.
func TestProblemsAreLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		objects := web("shop")
		d, _ := objects[2].(*appsv1.Deployment)
		d.Annotations = map[string]string{watcher.AnnotationRollbacks: "yes"}
		cr := &appsv1.ControllerRevision{ObjectMeta: object("shop", "undog-1", "cr", "Deployment", "shop-dep")}
		cr.Labels = map[string]string{watcher.LabelManagedBy: watcher.ManagedBy, watcher.LabelWorkload: "shop-dep"}
		c := startCluster(t, fake.NewClientset(append(objects, cr)...), source.Options{})
		defer c.finish()
		for range 3 {
			d.Generation++
			c.stamp(d)
			_, err := c.client.AppsV1().Deployments("shop").Update(t.Context(), d, metav1.UpdateOptions{})
			must(t, err)
			synctest.Wait()
		}
		for _, want := range []string{watcher.AnnotationRollbacks, "decode record: not readable"} {
			if n := strings.Count(c.log.String(), want); n != 1 {
				t.Errorf("the log says %q %d times, want once:\n%s", want, n, c.log)
			}
		}
	})
}

func TestTimeAloneIsSignalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		objects := web("shop")
		p, _ := objects[0].(*corev1.Pod)
		now := metav1.NewTime(time.Now().Truncate(time.Second))
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: now}}
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{
			Name: "app", RestartCount: 1,
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}},
			LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
				ExitCode: 1, FinishedAt: now,
			}},
		}}
		c := startCluster(t, fake.NewClientset(objects...), source.Options{})
		defer c.finish()
		if !c.signalled() || c.took() == "" {
			t.Fatal("nothing at the start")
		}
		after(t, watcher.SettleAfter-time.Minute)
		if c.signalled() {
			t.Error("signalled before the exit settled")
		}
		after(t, 2*time.Minute)
		if !c.signalled() || c.took() == "" {
			t.Error("not signalled when the exit had settled")
		}
	})
}

func TestTakeLeavesTheRestSignalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startCluster(t, fake.NewClientset(append(web("a"), web("b")...)...), source.Options{})
		defer c.finish()
		for range 2 {
			if !c.signalled() || len(c.w.Take(time.Now(), 1)) != 1 {
				t.Fatal("what the limit left over was not signalled")
			}
		}
		if c.signalled() {
			t.Error("signalled with nothing left")
		}
	})
}

func TestRunOnlyOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startCluster(t, fake.NewClientset(), source.Options{})
		c.finish()
		if err := c.w.Run(t.Context()); err == nil {
			t.Error("ran twice")
		}
	})
}

func TestNewReportsAllErrors(t *testing.T) {
	_, err := watcher.New([]watcher.Source{{}, {}}, watcher.Options{}, nil)
	if err == nil {
		t.Fatal("made of nothing")
	}
	for _, want := range []string{"sources[0]", "sources[1]", "log"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not name %s: %v", want, err)
		}
	}
	if _, err := watcher.New(nil, watcher.Options{}, slog.Default()); err == nil || !strings.Contains(err.Error(), "sources") {
		t.Errorf("no sources: %v", err)
	}
}
