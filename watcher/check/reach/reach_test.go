package reach_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/undog-dev/undog/watcher/api/apitest"
	"github.com/undog-dev/undog/watcher/check/reach"
)

func byIP(t *testing.T, loopback bool, pods ...*corev1.Pod) *reach.Reach {
	t.Helper()
	client := fake.NewClientset()
	for _, p := range pods {
		if err := client.Tracker().Add(p); err != nil {
			t.Fatal(err)
		}
	}
	r, err := reach.New(reach.Options{Pods: apitest.From(client), By: reach.PodIP, Loopback: loopback})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTarget(t *testing.T) {
	unnamed := func(p *corev1.Pod) { p.Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 8000}} }
	ip := func(s string) func(*corev1.Pod) { return func(p *corev1.Pod) { p.Status.PodIP = s } }
	for name, tt := range map[string]struct {
		change func(*corev1.Pod)
		port   string
		host   string
		err    string
	}{
		"the first TCP port":   {host: "10.1.2.3:8000"},
		"by name":              {port: "admin", host: "10.1.2.3:9000"},
		"by number":            {port: "1234", host: "10.1.2.3:1234"},
		"IPv6":                 {change: ip("fd00::1"), host: "[fd00::1]:8000"},
		"no such name":         {port: "http", err: "no port called http; it has web, admin"},
		"UDP is not meant":     {port: "dns", err: "no port called dns"},
		"no name at all":       {change: unnamed, port: "http", err: "nor any with a name"},
		"no port":              {change: func(p *corev1.Pod) { p.Spec.Containers[0].Ports = nil }, err: "declares no port"},
		"no port number":       {port: "70000", err: "not one of 1 to 65535"},
		"no address":           {change: ip(""), err: "has no address yet"},
		"a cloud's metadata":   {change: ip("169.254.169.254"), err: "cannot be a pod's"},
		"undog's own machine":  {change: ip("127.0.0.1"), err: "undog's own machine"},
		"everybody's":          {change: ip("224.0.0.1"), err: "cannot be a pod's"},
		"nobody's":             {change: ip("0.0.0.0"), err: "cannot be a pod's"},
		"a name, no address":   {change: ip("localhost"), err: "has no address yet"},
		"IPv4 in an IPv6 coat": {change: ip("::ffff:127.0.0.1"), err: "undog's own machine"},
	} {
		changes := []func(*corev1.Pod){}
		if tt.change != nil {
			changes = append(changes, tt.change)
		}
		got, err := byIP(t, false).Target(t.Context(), pod(changes...), tt.port)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: %v, want %s", name, err, tt.err)
			}
			continue
		}
		if err != nil || got.Host != tt.host || got.Pod != "web" {
			t.Errorf("%s: %s %s, %v; want %s", name, got.Pod, got.Host, err, tt.host)
		}
	}
}

// A pod is reached at its address and nowhere else.
func TestDialPodIP(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	host, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	target, err := byIP(t, true).Target(t.Context(), pod(func(p *corev1.Pod) { p.Status.PodIP = host }), port)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := target.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if got := conn.RemoteAddr().String(); got != server.Listener.Addr().String() {
		t.Errorf("connected to %s", got)
	}
}

func TestLive(t *testing.T) {
	yes := true
	owned := func(p *corev1.Pod) {
		p.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "rs", UID: "rs", Controller: &yes}}
	}
	want := reach.Pod{Namespace: "shop", Name: "web", UID: "uid", Owner: "rs"}
	if p, err := byIP(t, false, pod(owned)).Live(t.Context(), want); err != nil || p.Name != "web" {
		t.Errorf("got %v, %v", p, err)
	}
	now := metav1.NewTime(time.Unix(1, 0))
	for why, change := range map[string]func(*corev1.Pod){
		"another one of that name":    func(p *corev1.Pod) { p.UID = "another" },
		"belongs to another revision": func(p *corev1.Pod) { p.OwnerReferences = nil },
		"being terminated":            func(p *corev1.Pod) { p.DeletionTimestamp, p.Finalizers = &now, []string{"a/b"} },
		"does not run":                func(p *corev1.Pod) { p.Status.Phase = corev1.PodPending },
		"not ready":                   func(p *corev1.Pod) { p.Status.Conditions = nil },
	} {
		_, err := byIP(t, false, pod(owned, change)).Live(t.Context(), want)
		if !errors.Is(err, reach.ErrUnfit) || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", why, err)
		}
	}
	if _, err := byIP(t, false).Live(t.Context(), want); !errors.Is(err, reach.ErrUnfit) {
		t.Errorf("one that is gone: %v", err)
	}
}

func TestNew(t *testing.T) {
	if _, err := reach.New(reach.Options{By: "teleport"}); err == nil || !strings.Contains(err.Error(), "pods: nil") || !strings.Contains(err.Error(), "teleport") {
		t.Errorf("got %v", err)
	}
	if _, err := reach.New(reach.Options{Pods: apitest.From(fake.NewClientset()), By: reach.PortForward}); err == nil {
		t.Error("portForward does without a config")
	}
}
