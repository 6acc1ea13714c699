package load_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	watchtools "k8s.io/client-go/tools/watch"

	"github.com/undog-dev/undog/test/bench/fleet"
	"github.com/undog-dev/undog/test/bench/load"
	"github.com/undog-dev/undog/test/bench/wire"
)

// Of the pods so many crash.
const (
	pods     = 100
	crashing = 6
)

// serve starts a small cluster, and returns a client of its API server and what
// says what happens in it.
func serve(t *testing.T) (*kubernetes.Clientset, load.Client) {
	t.Helper()
	server := wire.New()
	world, err := load.New(server, fleet.Shape{Pods: pods, OldReplicaSets: 2, Crashing: crashing}, 1)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	kubeconfig, control, ended := filepath.Join(t.TempDir(), "kubeconfig"), make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- load.Serve(ctx, server, world, kubeconfig, func(url string) error { control <- url; return nil })
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil && !apierrors.IsTimeout(err) && err.Error() != fmt.Sprint(http.ErrServerClosed) {
			t.Error(err)
		}
	})
	url := <-control
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.ContentType = "application/vnd.kubernetes.protobuf"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client, load.Client{URL: url}
}

// An informer of client-go's reads everything, and sees pods being replaced.
func TestClientGoReads(t *testing.T) {
	client, control := serve(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	source := cache.NewListWatchFromClient(client.CoreV1().RESTClient(), "pods", metav1.NamespaceAll, fields.Everything())
	seen, ready := map[types.UID]bool{}, 0
	synced := func(cache.Store) (bool, error) { return false, control.Churn(ctx, 500) }
	_, err := watchtools.UntilWithSync(ctx, source, &corev1.Pod{}, synced, func(e watch.Event) (bool, error) {
		p, ok := e.Object.(*corev1.Pod)
		if !ok || p.Name == "" || p.Status.Phase == corev1.PodRunning && len(p.Status.ContainerStatuses) != 2 {
			return false, fmt.Errorf("%s of %+v", e.Type, e.Object)
		}
		if !seen[p.UID] && p.Status.Phase == corev1.PodRunning {
			seen[p.UID] = true
			ready++
		}
		return ready > pods+20, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	state, err := control.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if state.Asked["watch pods"] == 0 || state.Asked["list pods"] != 0 {
		t.Errorf("the list was not streamed: %v", state.Asked)
	}
}

// A bad release is told of, a patch that tests another generation is refused, and
// one that sets the Deployment back is noted.
func TestRelease(t *testing.T) {
	client, control := serve(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	source := cache.NewListWatchFromClient(client.CoreV1().RESTClient(), "pods", metav1.NamespaceAll, fields.Everything())
	told := 0
	started := func(cache.Store) (bool, error) { return false, control.Release(ctx, 1, 0) }
	_, err := watchtools.UntilWithSync(ctx, source, &corev1.Pod{}, started, func(e watch.Event) (bool, error) {
		p, _ := e.Object.(*corev1.Pod)
		if s := p.Status.ContainerStatuses; len(s) > 0 && s[0].State.Waiting != nil && s[0].State.Waiting.Reason == "RunContainerError" {
			told++
		}
		return told == 2, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	state, err := control.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	r := state.Rollouts[0]
	deployments := client.AppsV1().Deployments(r.Namespace)
	d, err := deployments.Get(ctx, r.Name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	patch := func(generation int64) error {
		body := fmt.Sprintf(`[{"op":"test","path":"/metadata/generation","value":%d},{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"good"}]`, generation)
		_, err := deployments.Patch(ctx, r.Name, types.JSONPatchType, []byte(body), metav1.PatchOptions{FieldManager: "test"})
		return err
	}
	if err := patch(d.Generation + 1); !apierrors.IsInvalid(err) {
		t.Errorf("a patch of another generation: %v", err)
	}
	if err := patch(d.Generation); err != nil {
		t.Fatal(err)
	}
	if state, err = control.State(ctx); err != nil {
		t.Fatal(err)
	}
	if r = state.Rollouts[0]; r.Report != 2 || r.Evidence.IsZero() || r.Patched.Before(r.Evidence) || r.Asked.After(r.Patched) {
		t.Errorf("noted %+v", r)
	}
	if d, err = deployments.Get(ctx, r.Name, metav1.GetOptions{}); err != nil || d.Spec.Template.Spec.Containers[0].Image != "good" {
		t.Errorf("the Deployment was not set back: %v", err)
	}
}
