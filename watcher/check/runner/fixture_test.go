package runner_test

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/api/apitest"
	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/logs"
	"github.com/undog-dev/undog/watcher/check/metric"
	"github.com/undog-dev/undog/watcher/check/persona"
	"github.com/undog-dev/undog/watcher/check/reach"
	"github.com/undog-dev/undog/watcher/check/runner"
)

const (
	good    = `<title>Shop</title><main><h1>Welcome admin!</h1><p>Nice to see you.</p></main>`
	broken  = `<title>Shop</title><main><h1>Welcome !</h1><p>Nice to see you.</p></main>`
	oldRS   = "rs-old"
	newRS   = "rs-new"
	webPort = "web"
)

// town is a namespace with pods that are servers on this machine.
type town struct {
	t        *testing.T
	client   *fake.Clientset
	recreate bool
	logs     logs.Opener
	metrics  metric.Asker

	mu    sync.Mutex
	pods  []watcher.Pod
	asked map[string]int
}

func newTown(t *testing.T) *town {
	t.Helper()
	return &town{t: t, client: fake.NewClientset(), asked: map[string]int{}}
}

// pod starts one that answers with the page; "" is a pod that does not listen.
func (w *town) pod(name, revision, node, page string) {
	w.t.Helper()
	w.served(name, revision, node, http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(out, page) }), page != "")
}

func (w *town) served(name, revision, node string, h http.Handler, listens bool) {
	w.t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.asked[name]++
		w.mu.Unlock()
		h.ServeHTTP(out, r)
	}))
	w.t.Cleanup(server.Close)
	host, text, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		w.t.Fatal(err)
	}
	port, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		w.t.Fatal(err)
	}
	if !listens {
		server.Close()
	}
	yes, since := true, metav1.NewTime(time.Now().Add(-time.Hour))
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID("uid-" + name), OwnerReferences: []metav1.OwnerReference{
			{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: revision, UID: types.UID(revision), Controller: &yes},
		}},
		Spec: corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{Name: "app", Ports: []corev1.ContainerPort{
			{Name: webPort, ContainerPort: int32(port)},
		}}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, PodIP: host, Conditions: []corev1.PodCondition{
			{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: since},
		}},
	}
	if err := w.client.Tracker().Add(pod); err != nil {
		w.t.Fatal(err)
	}
	w.pods = append(w.pods, watcher.Pod{Name: name, UID: string(pod.UID), Node: node, Revision: revision, Ready: true})
}

// change makes a pod other than the watcher knows it.
func (w *town) change(name string, change func(*corev1.Pod)) {
	w.t.Helper()
	pod, err := w.client.CoreV1().Pods("shop").Get(w.t.Context(), name, metav1.GetOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	pod = pod.DeepCopy()
	change(pod)
	if err := w.client.Tracker().Update(corev1.SchemeGroupVersion.WithResource("pods"), pod, "shop"); err != nil {
		w.t.Fatal(err)
	}
}

// gone takes the pods of a revision away.
func (w *town) gone(revision string) {
	var kept []watcher.Pod
	for _, p := range w.pods {
		if p.Revision != revision {
			kept = append(kept, p)
		}
	}
	w.pods = kept
}

// runner plays the checks; personas may be nil.
func (w *town) runner(personas []persona.Source, checks ...check.Check) *runner.Runner {
	w.t.Helper()
	way, err := reach.New(reach.Options{Pods: apitest.From(w.client), By: reach.PodIP, Loopback: true})
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := runner.New(runner.Options{
		Checks: checks, Pods: func(string) []watcher.Pod { return w.pods }, Reach: way,
		AtOnce: func(string) bool { return w.recreate }, Logs: w.logs, Metrics: w.metrics,
		Personas: persona.New(personas, apitest.From(w.client)), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *town) times(name string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked[name]
}

// front looks at the front page.
func front(expect check.Expect) check.Check {
	return check.Check{Name: "front", Steps: []check.Step{{Name: "front page", Request: &check.Request{Path: "/"}, Expect: expect}}}
}

func decision(name string) policy.Decision {
	return policy.Decision{
		ID: "d", Kind: policy.Play, Check: name, Workload: policy.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: "w"},
		From: policy.RevisionRef{UID: newRS, Template: "t-new"}, To: policy.RevisionRef{UID: oldRS, Template: "t-old"},
	}
}
