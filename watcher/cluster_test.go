package watcher_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/api/apitest"
	"github.com/undog-dev/undog/watcher/source"
)

// cluster is a fake one with a running Watcher.
type cluster struct {
	*testing.T
	client *fake.Clientset
	w      *watcher.Watcher
	log    *syncBuffer
	stop   context.CancelFunc
	done   chan error
	clock  int
}

// startCluster runs a Watcher over the objects; it must be called in a bubble.
func startCluster(t *testing.T, client *fake.Clientset, from source.Options) *cluster {
	t.Helper()
	c := &cluster{T: t, client: client, log: &syncBuffer{}, done: make(chan error, 1), clock: 100}
	var err error
	opts := watcher.Options{Ignore: from.Ignore, DecodeRecord: func(*appsv1.ControllerRevision) (policy.Record, error) {
		return policy.Record{}, errors.New("not readable")
	}}
	c.w, err = watcher.New(source.List(apitest.From(client), from), opts, slog.New(slog.NewTextHandler(c.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c.stop = cancel
	go func() { c.done <- c.w.Run(ctx) }()
	synctest.Wait()
	return c
}

func (c *cluster) finish() {
	c.Helper()
	c.stop()
	if err := <-c.done; err != nil {
		c.Errorf("run: %v", err)
	}
}

// took waits until the watcher has nothing more to do, and says what it hands
// out.
func (c *cluster) took() string {
	c.Helper()
	synctest.Wait()
	var out []string
	for _, in := range c.w.Take(time.Now(), 0) {
		switch in := in.(type) {
		case *policy.Observation:
			pods := int32(0)
			for _, r := range in.Revisions {
				pods += r.Pods
			}
			out = append(out, fmt.Sprintf("seen %s %s with %d pods", in.Workload, in.Workload.UID, pods))
		case policy.Gone:
			out = append(out, fmt.Sprintf("gone %s %s", in.Workload, in.Workload.UID))
		}
	}
	return strings.Join(out, ", ")
}

func (c *cluster) signalled() bool {
	synctest.Wait()
	select {
	case <-c.w.Changed():
		return true
	default:
		return false
	}
}

// stamp gives an object a resourceVersion of its own, as a server would.
func (c *cluster) stamp(o metav1.Object) {
	c.clock++
	o.SetResourceVersion(fmt.Sprint(c.clock))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func object(namespace, name, uid, ownerKind, owner string) metav1.ObjectMeta {
	m := metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID(uid), ResourceVersion: "1"}
	if owner != "" {
		yes := true
		m.OwnerReferences = []metav1.OwnerReference{{
			APIVersion: "apps/v1", Kind: ownerKind, Name: owner, UID: types.UID(owner), Controller: &yes,
		}}
	}
	return m
}

// web is a Deployment with a ReplicaSet and a pod.
func web(namespace string) []runtime.Object {
	return []runtime.Object{
		&corev1.Pod{ObjectMeta: object(namespace, "web-1-a", namespace+"-pod", "ReplicaSet", namespace+"-rs")},
		&appsv1.ReplicaSet{ObjectMeta: object(namespace, "web-1", namespace+"-rs", "Deployment", namespace+"-dep")},
		&appsv1.Deployment{ObjectMeta: object(namespace, "web", namespace+"-dep", "", "")},
	}
}

// after lets time pass in the bubble.
func after(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
	}
	synctest.Wait()
}

// syncBuffer is a log that several goroutines write.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
