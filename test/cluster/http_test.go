package cluster_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func fetch(t *testing.T, url string) (int, http.Header, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(body)
}

func TestHTTPOfAScript(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	play(t, fmt.Sprintf(`
rules:
  - match: {namespaces: [%s]}
    play:
      http:
        routes:
          - {path: /broken, status: 503, body: sorry, headers: {Retry-After: "7"}}
          - {path: /ok/*, body: fine, delay: 10ms}
`, ns))
	pods := record(t, ns)
	deploy(t, ns, 2, func(p *v1.PodTemplateSpec) {
		p.Spec.Containers[0].Ports = []v1.ContainerPort{{ContainerPort: 8080}}
	})
	available(t, ns)
	pod := last(pods.until(t, "a ready pod", becomesReady))
	base := "http://" + pod.Status.PodIP + ":8080"
	if code, header, body := fetch(t, base+"/broken"); code != 503 || header.Get("Retry-After") != "7" || body != "sorry" {
		t.Errorf("GET /broken: %d %q, Retry-After %q", code, body, header.Get("Retry-After"))
	}
	if code, _, body := fetch(t, base+"/ok/deep"); code != 200 || body != "fine" {
		t.Errorf("GET /ok/deep: %d %q", code, body)
	}
	if code, _, _ := fetch(t, base+"/other"); code != 404 {
		t.Errorf("GET /other: %d, want 404", code)
	}
	closes(t, ns, base)
}

// closes deletes the pods and then the server must be gone.
func closes(t *testing.T, ns, base string) {
	t.Helper()
	if err := client.AppsV1().Deployments(ns).Delete(t.Context(), "web", deleteNow); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server to close", func(ctx context.Context) (bool, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/ok/", nil)
		if err != nil {
			return false, err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return true, nil
		}
		return false, response.Body.Close()
	})
}

// A container that names no port serves at the usual one, and one that cannot
// serve says why where people look.
func TestHTTPWithoutAPort(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	play(t, fmt.Sprintf(`
rules:
  - match: {namespaces: [%[1]s], image: "*:v1.0"}
    play: {http: {routes: [{body: Hello}]}}
  - match: {namespaces: [%[1]s], image: "*:nobody"}
    play: {http: {handler: nobody}}
`, ns))
	pods := record(t, ns)
	deploy(t, ns, 1, nil)
	pod := last(pods.until(t, "a ready pod", becomesReady))
	if code, _, body := fetch(t, "http://"+pod.Status.PodIP+":8080/"); code != 200 || body != "Hello" {
		t.Errorf("GET /: %d %q", code, body)
	}
	nobody := `{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"example.com/web:nobody"}]}}}}`
	if _, err := client.AppsV1().Deployments(ns).Patch(t.Context(), "web", types.StrategicMergePatchType, []byte(nobody), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "an Event that says why", func(ctx context.Context) (bool, error) {
		events, err := client.CoreV1().Events(ns).List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err
		}
		return slices.ContainsFunc(events.Items, func(e v1.Event) bool {
			return e.Reason == "InvalidScript" && strings.Contains(e.Message, `http.handler: "nobody" is not registered`)
		}), nil
	})
}

func TestHTTPOfAHandler(t *testing.T) {
	t.Parallel()
	ns := namespace(t)
	play(t, fmt.Sprintf(`
rules:
  - match: {namespaces: [%s]}
    play: {http: {port: 9090, handler: greet}}
`, ns))
	pods := record(t, ns)
	deploy(t, ns, 1, nil)
	pod := last(pods.until(t, "a ready pod", becomesReady))
	if code, _, body := fetch(t, "http://"+pod.Status.PodIP+":9090/"); code != 200 || body != "hello from a handler" {
		t.Errorf("GET /: %d %q", code, body)
	}
}
