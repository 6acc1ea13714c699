//go:build e2e

package incluster_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"

	"github.com/undog-dev/undog/test/cluster/chart"
)

const (
	// storyTimeout bounds one test, stepTimeout what it waits for at a time.
	storyTimeout = 8 * time.Minute
	stepTimeout  = 2 * time.Minute
)

// installed is an undog in the cluster.
type installed struct {
	t    *testing.T
	ctx  context.Context
	nats string
	// away is when the API server was killed, and back when it was ready again.
	away, back time.Time
}

// values are what a user would say; NATS has no volume, for there is nobody who
// makes one, and an address in the place of a name, for there is no DNS.
func values(nats, bake string) string {
	return fmt.Sprintf(`
image: {tag: %s}
config:
  cluster: e2e
  mode: enforce
  policies: [{name: e2e, bake: %s}]
nats:
  url: %q
  server: {enabled: true, image: %s, secret: passwords, persistence: {enabled: false}}
`, undogTag, bake, nats, natsImage)
}

// install brings NATS and undog up, with what helm template prints.
func install(t *testing.T) *installed {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), storyTimeout)
	t.Cleanup(cancel)
	i := &installed{t: t, ctx: ctx}
	t.Cleanup(i.explain)
	i.kubectl(nil, "apply", "-f", filepath.Join(root, "deploy/kustomize/base/namespace.yaml"))
	i.kubectl(nil, "--namespace", chart.Namespace, "create", "secret", "generic", "passwords", "--from-literal=UNDOG_PASSWORD=undog-pw",
		"--from-literal=SUBSCRIBER_PASSWORD=subscriber-pw", "--from-literal=REPORTER_PASSWORD=reporter-pw", "--from-literal=ADMIN_PASSWORD=admin-pw")
	i.apply(values("", "3s"), "nats")
	pod := until(i, shared.client.CoreV1().RESTClient(), "pods", chart.Namespace, "undog-nats-0", "NATS ready", podReady)
	i.nats = "nats://" + net.JoinHostPort(pod.Status.PodIP, "4222")
	i.apply(values(i.nats, "3s"))
	i.available()
	return i
}

// apply renders the chart, or some of it, and applies it.
func (i *installed) apply(values string, only ...string) {
	i.t.Helper()
	out, err := chart.Render(i.ctx, chart.Release{Root: root, Values: values, Only: only})
	if err != nil {
		i.t.Fatal(err)
	}
	i.kubectl(out, "apply", "-f", "-")
}

// kubectl runs it as an admin, and returns what it says.
func (i *installed) kubectl(stdin []byte, args ...string) string {
	i.t.Helper()
	cmd := exec.CommandContext(i.ctx, filepath.Join(os.Getenv("UNDOG_BIN"), "kubectl"), append([]string{"--kubeconfig", shared.cluster.Kubeconfig()}, args...)...)
	cmd.Stdin = bytes.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		i.t.Fatalf("kubectl %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// available waits until all of undog's pods are new and ready.
func (i *installed) available() {
	i.t.Helper()
	until(i, shared.client.AppsV1().RESTClient(), "deployments", chart.Namespace, "undog", "undog available", complete)
}

func complete(d *appsv1.Deployment) bool {
	s, want := d.Status, *d.Spec.Replicas
	return s.ObservedGeneration >= d.Generation && s.UpdatedReplicas == want && s.Replicas == want && s.AvailableReplicas == want
}

func podReady(p *corev1.Pod) bool {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// until waits for an object that is as it should be; "" is any name.
func until[T runtime.Object](i *installed, client rest.Interface, resource, namespace, name, what string, ok func(T) bool) T {
	i.t.Helper()
	var found T
	ctx, cancel := context.WithTimeout(i.ctx, stepTimeout)
	defer cancel()
	selector := fields.Everything()
	if name != "" {
		selector = fields.OneTermEqualSelector("metadata.name", name)
	}
	_, err := watchtools.UntilWithSync(ctx, cache.NewListWatchFromClient(client, resource, namespace, selector), *new(T), nil,
		func(e watch.Event) (bool, error) {
			object, is := e.Object.(T)
			if !is || e.Type == watch.Deleted || !ok(object) {
				return false, nil
			}
			found = object
			return true, nil
		})
	if err != nil {
		i.t.Fatalf("wait for %s: %v", what, err)
	}
	return found
}

// explain shows, when a test has failed, what became of the pods.
func (i *installed) explain() {
	if !i.t.Failed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for _, args := range [][]string{
		{"get", "pods", "--all-namespaces", "-o", "wide"},
		{"-n", chart.Namespace, "describe", "pods"},
		{"-n", chart.Namespace, "logs", "deployment/undog", "--tail=60"},
		{"-n", chart.Namespace, "logs", "undog-nats-0", "--tail=20"},
	} {
		out, err := exec.CommandContext(ctx, filepath.Join(os.Getenv("UNDOG_BIN"), "kubectl"),
			append([]string{"--kubeconfig", shared.cluster.Kubeconfig()}, args...)...).CombinedOutput()
		i.t.Logf("kubectl %v: %v\n%s", args, err, out)
	}
}

// pods are undog's own.
func (i *installed) pods() []corev1.Pod {
	i.t.Helper()
	list, err := shared.client.CoreV1().Pods(chart.Namespace).List(i.ctx, metav1.ListOptions{LabelSelector: "app.kubernetes.io/component=undog"})
	if err != nil {
		i.t.Fatal(err)
	}
	return list.Items
}
